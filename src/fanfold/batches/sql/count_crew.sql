-- Counts the workers that have shown a sign of life lately, their places, and how many are taken.
select moment() as now, count(*) as workers, coalesce(sum(capacity), 0) as places, coalesce(sum(running_count), 0) as taken
  from workers where stopped_at is null and heartbeat_at > moment() - interval '60 seconds'
