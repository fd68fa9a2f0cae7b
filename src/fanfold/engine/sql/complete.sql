-- Completes or skips operations whose attempts are still the caller's; returns their ids, so that the rest is known stale.
with given as (
    select * from unnest(:operation_ids::uuid[], :attempt_ids::bigint[], :lease_tokens::integer[], :states::text[],
                         :summaries::text[], :row_counts::bigint[])
                  given(operation_id, attempt_id, lease_token, state, summary, row_count)
), locked as materialized (
    select id from batches where id = any(:batch_ids::uuid[]) order by id for no key update
), held as materialized (
    select o.id, g.attempt_id, g.state, g.summary::jsonb summary, g.row_count
      from given g join operations o on o.id = g.operation_id join attempts a on a.id = g.attempt_id
     where (select count(*) from locked) > 0 and o.status = 'running' and o.attempt_id = a.id
       and a.state = 'running' and a.lease_token = g.lease_token
     order by o.id for no key update of o, a
), ended as (
    update attempts a set state = 'succeeded', lease_until = null, finished_at = moment()
      from held h where a.id = h.attempt_id
), answered as materialized (
    -- An answer from a target closes every breaker on it; the limit first, as where they are opened.
    select l.key from (select distinct b.key from breakers b where b.key in (
               select key from held h join operations o using (id), unnest(o.limit_keys) key) order by key) b
     cross join lateral (select key from limits where key = b.key limit 1 for no key update) l
), closed as (
    delete from breakers where key in (select key from answered)
), open_again as (
    update limits l set probe_at = null from answered a where l.key = a.key
)
update operations o set status = h.state, reason = case h.state when 'skipped' then 'condition' end, due_at = null,
       state = null, summary = h.summary, row_count = h.row_count, finished_at = moment()
  from held h where o.id = h.id
returning o.id
