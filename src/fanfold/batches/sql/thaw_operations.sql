-- Lets what was frozen go on; the frozen time counts against no timeout.
update operations o set due_at = least(o.due_at, moment()),
       extended_ms = extended_ms + (extract(epoch from moment() - greatest(b.paused_at, o.started_at)) * 1000)::bigint
  from batches b
 where b.id = :batch_id and b.pause_mode = 'freeze' and o.batch_id = b.id and o.status = 'running'
   and o.due_at is not null
