-- A page of the acting user's instances: every word occurs in the search text, every filter holds.
select id, connection_id, instance_id, name, region, account_id, account_name, marketplace_id, brands, sandbox, tags,
       created_at, updated_at
  from amc_instances i,
       lateral (select case :sort::text when 'name' then lower(name) when 'instance_id' then instance_id
                       when 'region' then region when 'account_name' then lower(account_name)
                       else to_char(created_at, 'YYYYMMDDHH24MISSUS') end as place) ordered
 where search_text like all (:words::text[])
   and (:region::text is null or region = :region)
   and (:sandbox::boolean is null or sandbox = :sandbox)
   and (:brand::text is null or brands @> array[:brand])
   and (:account::text is null or :account in (account_id, account_name))
   and (:tag::text is null or tags @> array[:tag])
 order by case when not :descending::boolean then place end, case when :descending then place end desc, id
 limit :limit offset :offset;
