-- Lists which batches hold some keys now, and by how many operations. Only for the service.
with held as (
    select o.batch_id, key, count(*) n from operations o cross join unnest(o.limit_keys) key
     where o.status = 'running' and o.limit_keys && :keys::text[] and key = any(:keys::text[])
     group by o.batch_id, key
    union all
    select b.id, key, b.running_count from batches b
     cross join unnest(array['global', 'kind:' || b.kind, 'user:' || b.user_id, 'batch:' || b.id]) key
     where b.status in ('running', 'paused', 'cancelling') and b.running_count > 0 and key = any(:keys::text[])
)
select h.key, b.batch_id, b.name, b.user_id, h.n::integer as operations
  from held h join batches b on b.id = h.batch_id order by h.key, h.n desc, b.batch_id
