-- How many instances the filters leave, and for each filter what its other values would leave.
with searched as materialized (
    select region, brands, account_id, account_name, tags,
           :region::text is null or region = :region as in_region,
           :brand::text is null or brands @> array[:brand] as in_brand,
           :account::text is null or :account in (account_id, account_name) as in_account,
           :tag::text is null or tags @> array[:tag] as in_tag
      from amc_instances
     where search_text like all (:words::text[]) and (:sandbox::boolean is null or sandbox = :sandbox)
)
select 'total' as dimension, null as value, count(*) as n
  from searched where in_region and in_brand and in_account and in_tag
union all
select 'regions', region, count(*) from searched where in_brand and in_account and in_tag group by region
union all
select 'brands', brand, count(*) from searched, unnest(brands) brand
 where in_region and in_account and in_tag group by brand
union all
select 'accounts', coalesce(nullif(account_name, ''), account_id) as account, count(*) from searched
 where in_region and in_brand and in_tag group by account
union all
select 'tags', tag, count(*) from searched, unnest(tags) tag
 where in_region and in_brand and in_account group by tag
 order by dimension, n desc, value;
