-- Declares the shared limits that a submission's operations count against; one that exists keeps its value.
insert into limits (key, max_running, rate_count, rate_ms, guarded)
select key, max_running, rate_count, rate_ms, guarded
  from unnest(:keys::text[], :caps::integer[], :rate_counts::integer[], :rate_ms::bigint[], :guarded::boolean[])
       given(key, max_running, rate_count, rate_ms, guarded) order by key
on conflict (key) do nothing
