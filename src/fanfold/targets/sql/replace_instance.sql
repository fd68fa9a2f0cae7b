-- Replaces what is said of an instance.
update amc_instances
   set connection_id = :connection_id, instance_id = :instance_id, name = :name, region = :region,
       account_id = :account_id, account_name = :account_name, marketplace_id = :marketplace_id, brands = :brands,
       sandbox = :sandbox, tags = :tags, updated_at = moment()
 where id = :id
returning id, connection_id, instance_id, name, region, account_id, account_name, marketplace_id, brands, sandbox,
          tags, created_at, updated_at;
