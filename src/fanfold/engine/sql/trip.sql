-- Counts failures that speak of a target against its breaker, by cause; enough in a row open it, a failed probe again.
with given as (
    select l.key, g.cause, min(g.error)::jsonb error, count(*) n
      from unnest(:operation_ids::uuid[], :causes::text[], :errors::text[]) g(operation_id, cause, error)
      join operations o on o.id = g.operation_id, unnest(o.limit_keys) key join limits l using (key)
     where l.guarded group by l.key, g.cause
), locked as materialized (
    select key from limits where key in (select key from given) order by key for no key update
), counted as (
    insert into breakers as b (key, cause, error, failure_count, opened_at, cool_down_ms)
    select key, cause, error, n, case when n >= :threshold::integer then moment() end,
           case when n >= :threshold::integer then :cool_down_ms::bigint end
      from given join locked using (key)
     order by key, cause
    on conflict (key, cause) do update set
       failure_count = b.failure_count + excluded.failure_count, last_failed_at = moment(), error = excluded.error,
       opened_at = case when b.failure_count + excluded.failure_count < :threshold::integer then null
                        when b.opened_at + make_interval(secs => b.cool_down_ms / 1000.0) > moment() then b.opened_at
                        else moment() end,
       cool_down_ms = case when b.failure_count + excluded.failure_count < :threshold::integer then null
                           when b.opened_at is null then :cool_down_ms::bigint
                           when b.opened_at + make_interval(secs => b.cool_down_ms / 1000.0) > moment() then b.cool_down_ms
                           else least(2 * b.cool_down_ms, :longest_ms::bigint) end
    returning key, opened_at + make_interval(secs => cool_down_ms / 1000.0) probe_at
)
update limits l set probe_at = greatest(l.probe_at, c.probe_at)
  from (select key, max(probe_at) probe_at from counted where probe_at is not null group by key) c
 where l.key = c.key
