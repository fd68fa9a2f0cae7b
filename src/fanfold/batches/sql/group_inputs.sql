-- Groups chosen operations by what they run with, so that each input is read, changed and checked once.
select md5(o.overrides::text) as input, o.overrides,
       case when o.item_key = any(:own_keys::text[]) then o.item_key end as own_key,
       count(*) as operation_count, (array_agg(o.item_key order by o.ordinal))[1:20] as examples
  from operations o
 where o.batch_id = :batch_id and o.id = any(:ids::uuid[])
 group by 1, 2, 3 order by min(o.ordinal)
