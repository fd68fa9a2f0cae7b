-- Reads what each worker used that has shown a sign of life lately.
select distinct on (name) name, running_count, cpu_percent, memory_bytes, loop_lag_ms
  from workers where stopped_at is null and heartbeat_at > moment() - interval '60 seconds'
 order by name, heartbeat_at desc
