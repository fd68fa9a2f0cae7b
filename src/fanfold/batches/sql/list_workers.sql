-- Reads the workers that live and those that went lately, the living first.
select id, name, version, kinds, capacity, running_count, cpu_percent, memory_bytes, loop_lag_ms, started_at,
       heartbeat_at, stopped_at, case when stopped_at is not null then 'stopped'
                        when heartbeat_at > moment() - interval '60 seconds' then 'alive' else 'silent' end as state
  from workers
 where coalesce(stopped_at, heartbeat_at) > moment() - interval '1 hour'
 order by state, name, started_at desc limit 1000
