-- Those of the ids that are the acting user's.
select id, connection_id, instance_id, name, region, account_id, account_name, marketplace_id, brands, sandbox, tags,
       created_at, updated_at
  from amc_instances where id = any(:ids::uuid[]) order by lower(name), id;
