-- Takes operations whose snooze has ended: the same attempt goes on, here, with a new lease token.
with due as (
    select o.id, o.attempt_id from operations o
     where o.status = 'running' and o.due_at <= moment()
       and exists (select from batches b where b.id = o.batch_id and b.kind = any(:kinds::text[])
                      and (b.status <> 'paused' or b.pause_mode = 'drain' or b.stopped_at is not null))
     order by o.due_at limit :capacity for no key update skip locked
), woken as (
    update attempts a set state = 'running', worker_id = :worker_id, lease_token = a.lease_token + 1,
           lease_until = moment() + :lease::interval
      from due where a.id = due.attempt_id and a.state = 'snoozed'
    returning a.id, a.operation_id, a.number, a.lease_token, a.started_at
)
update operations o set due_at = null
  from woken w where o.id = w.operation_id
returning o.*, w.lease_token, w.started_at attempt_started_at
