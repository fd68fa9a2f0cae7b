-- Finds the batch that has held each of some keys longest, among 4,000 running operations at most. Only for the service.
with running as (
    (select batch_id, limit_keys, started_at from operations where status = 'running' and due_at is null
      order by attempt_id limit 2000)
    union all
    (select batch_id, limit_keys, started_at from operations where status = 'running' and due_at is not null
      order by due_at limit 2000)
), held as (
    select r.batch_id, key, r.started_at from running r cross join unnest(r.limit_keys) key
     where r.limit_keys && :keys::text[] and key = any(:keys::text[])
    union all
    select b.id, key, b.started_at from batches b
     cross join unnest(array['global', 'kind:' || b.kind, 'user:' || b.user_id]) key
     where b.status in ('running', 'paused', 'cancelling') and b.running_count > 0 and key = any(:keys::text[])
)
select distinct on (h.key) h.key, b.batch_id, b.user_id
  from held h join batches b on b.id = h.batch_id order by h.key, h.started_at, b.batch_id
