-- Counts the living workers that know a kind, their places, and how many are taken; and those that do not know it.
select moment() as now, count(*) filter (where serves) as workers,
       coalesce(sum(capacity) filter (where serves), 0) as places,
       coalesce(sum(running_count) filter (where serves), 0) as taken,
       count(*) filter (where not serves) as others
  from workers cross join lateral (select kinds is null or :kind = any(kinds) as serves) known
 where stopped_at is null and heartbeat_at > moment() - interval '60 seconds'
