-- Reads how keys stand: what bounds them, what they hold, and what closes them until when. A key that comes with a
-- weight is left out while it has room for that. Only for the service.
with busy as (
    select user_id, kind, sum(running_count)::integer n from batches
     where status in ('running', 'paused', 'cancelling') and running_count > 0 group by user_id, kind
), wide as (
    select 'global' as key, sum(n)::integer taken from busy union all
    select 'kind:' || kind, sum(n)::integer from busy group by kind union all
    select 'user:' || user_id, sum(n)::integer from busy group by user_id
)
select l.key, l.max_running, key_cap(l, moment()) as cap, coalesce(u.running_count, w.taken, 0) as in_use,
       l.rate_count, l.rate_ms, key_rate_room(l, moment()) as rate_room,
       case when l.blocked_until > moment() then l.blocked_until end as blocked_until,
       l.quiet_hours, quiet_until(l.quiet_hours, moment()) as quiet_until, l.probe_at, l.guarded, l.pinned,
       room, key_opens_at(l, moment()) as opens_at, moment() as now
  from unnest(:keys::text[], :weights::integer[]) asked(key, weight) join limits l using (key)
  left join limit_usage u using (key) left join wide w using (key)
 cross join lateral (select key_room(l, coalesce(u.running_count, w.taken, 0), moment()) as room offset 0) r
 where weight is null or room < weight
 order by l.key
