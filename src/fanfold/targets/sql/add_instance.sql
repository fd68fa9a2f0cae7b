-- Stores an instance of the acting user; returns nothing when they have it already.
insert into amc_instances (id, user_id, connection_id, instance_id, name, region, account_id, account_name,
                           marketplace_id, brands, sandbox, tags, created_at, updated_at)
values (:id, acting_user(), :connection_id, :instance_id, :name, :region, :account_id, :account_name,
        :marketplace_id, :brands, :sandbox, :tags, moment(), moment())
on conflict (user_id, instance_id, account_id) do nothing
returning id, connection_id, instance_id, name, region, account_id, account_name, marketplace_id, brands, sandbox,
          tags, created_at, updated_at;
