-- Takes operations back from workers whose lease ran out; the state stays, so that what was submitted is found again.
with lost as materialized (
    select a.id attempt_id, a.operation_id, o.batch_id from operations o join attempts a on a.id = o.attempt_id
     where o.status = 'running' and o.due_at is null and a.state = 'running' and a.lease_until < moment()
     limit 1000
), locked as materialized (
    select id, cancel_requested_at is not null or stop_reason is not distinct from 'timeout' stopping
      from batches where id in (select batch_id from lost) order by id for no key update
), held as materialized (
    select o.id, a.id attempt_id, l.stopping,
           o.attempt_count < o.attempts_allowed again
      from lost join operations o on o.id = lost.operation_id join attempts a on a.id = lost.attempt_id
           join locked l on l.id = o.batch_id
     where o.status = 'running' and o.attempt_id = a.id and a.state = 'running' and a.lease_until < moment()
     order by o.id for no key update of o, a
), moved as (
    -- In a stopping batch the attempt goes on once more, on another worker, to stop the remote side.
    update attempts a set lease_until = null, error = :error,
           state = case when h.stopping then 'snoozed' else 'lost' end,
           finished_at = case when not h.stopping then moment() end
      from held h where a.id = h.attempt_id
)
update operations o set
       status = case when h.stopping then 'running' when h.again then 'pending' else 'failed' end,
       reason = 'lost', error = :error, error_fingerprint = :fingerprint,
       due_at = case when h.stopping or h.again then moment() end,
       finished_at = case when not h.stopping and not h.again then moment() end
  from held h where o.id = h.id
returning o.id, o.status
