-- Skips what stopped batches have not begun, a few thousand at a time.
with stopped as materialized (
    select id, stop_reason from batches
     where status in ('running', 'queued', 'paused') and stopped_at is not null and pending_count > 0
     order by id for no key update skip locked
), chosen as (
    select o.id, s.stop_reason from stopped s cross join lateral (
        select q.id from operations q where q.batch_id = s.id and q.status = 'pending'
         order by q.priority desc, q.ordinal limit 5000) o
)
update operations o set status = 'skipped', reason = c.stop_reason, due_at = null, state = null, finished_at = moment()
  from chosen c where o.id = c.id and o.status = 'pending'
returning o.id
