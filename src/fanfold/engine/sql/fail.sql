-- Ends failed attempts: back to the queue while attempts are allowed and nobody cancelled, else to the end state.
with given as (
    select * from unnest(:operation_ids::uuid[], :attempt_ids::bigint[], :lease_tokens::integer[],
                         :attempt_states::text[], :reasons::text[], :errors::text[], :fingerprints::text[],
                         :retry_after_ms::bigint[], :counts::boolean[], :forget::boolean[])
                  given(operation_id, attempt_id, lease_token, attempt_state, reason, error, fingerprint,
                        retry_after_ms, counted, forget)
), locked as materialized (
    select id, cancel_requested_at is not null or stop_reason is not distinct from 'timeout' stopping
      from batches where id = any(:batch_ids::uuid[]) order by id for no key update
), held as materialized (
    select o.id, g.*, g.attempt_state = 'cancelled' and g.reason = 'user' cancelled, l.stopping,
           g.retry_after_ms is not null and (not g.counted or o.attempt_count < o.attempts_allowed) again
      from given g join operations o on o.id = g.operation_id join attempts a on a.id = g.attempt_id
           join locked l on l.id = o.batch_id
     where o.status = 'running' and o.attempt_id = a.id and a.state = 'running' and a.lease_token = g.lease_token
     order by o.id for no key update of o, a
), moved as (
    -- Cancelled while it failed and would be tried again: the attempt goes on once more, to stop the remote side.
    update attempts a set lease_until = null, error = h.error::jsonb,
           state = case when h.again and h.stopping then 'snoozed' else h.attempt_state end,
           finished_at = case when h.again and h.stopping then null else moment() end
      from held h where a.id = h.attempt_id
)
update operations o set
       status = case when h.cancelled then 'cancelled' when h.again and h.stopping then 'running'
                     when h.again then 'pending' else 'failed' end,
       reason = h.reason,
       error = h.error::jsonb, error_fingerprint = h.fingerprint,
       due_at = case when h.again and h.stopping then moment()
                     when h.again then moment() + make_interval(secs => h.retry_after_ms / 1000.0) end,
       attempts_allowed = o.attempts_allowed + case when h.counted then 0 else 1 end,
       state = case when h.forget or h.cancelled then null else o.state end,
       finished_at = case when not h.again then moment() end
  from held h where o.id = h.id
returning o.id, o.status
