-- Lets operations wait for their remote sides: they keep their slots, and no worker is bound. No state keeps the old one.
with given as (
    select * from unnest(:operation_ids::uuid[], :attempt_ids::bigint[], :lease_tokens::integer[], :states::text[],
                         :after_ms::bigint[])
                  given(operation_id, attempt_id, lease_token, state, after_ms)
), locked as materialized (
    -- Shared, against a cancel at the same moment, which would not see this snooze and could not end it.
    select id, cancel_requested_at is not null or stop_reason is not distinct from 'timeout' stopping
      from batches where id = any(:batch_ids::uuid[]) order by id for share
), held as materialized (
    select o.id, g.attempt_id, g.state::jsonb state, g.after_ms, l.stopping
      from given g join operations o on o.id = g.operation_id join attempts a on a.id = g.attempt_id
           join locked l on l.id = o.batch_id
     where o.status = 'running' and o.attempt_id = a.id and a.state = 'running' and a.lease_token = g.lease_token
     order by o.id for no key update of o, a
), waiting as (
    update attempts a set state = 'snoozed', lease_until = null from held h where a.id = h.attempt_id
)
update operations o set state = coalesce(h.state, o.state),
       due_at = case when h.stopping then moment() else moment() + make_interval(secs => h.after_ms / 1000.0) end
  from held h where o.id = h.id
returning o.id
