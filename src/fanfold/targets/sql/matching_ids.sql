-- The ids of all instances that a search leaves, by name, and how many they are.
select id, count(*) over () as total
  from amc_instances
 where search_text like all (:words::text[])
   and (:region::text is null or region = :region)
   and (:sandbox::boolean is null or sandbox = :sandbox)
   and (:brand::text is null or brands @> array[:brand])
   and (:account::text is null or :account in (account_id, account_name))
   and (:tag::text is null or tags @> array[:tag])
 order by lower(name), id
 limit :limit;
