-- The acting user's instances that a connection reaches, and those of the given AMC ids whatever reaches them.
select id, connection_id, instance_id, name, region, account_id, account_name, marketplace_id, brands, sandbox, tags,
       created_at, updated_at
  from amc_instances
 where connection_id = :connection_id or instance_id = any(:instance_ids::text[])
 order by created_at, id;
