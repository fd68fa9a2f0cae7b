-- Declares the shared limits that a submission's operations count against; one that exists keeps its value.
insert into limits (key, max_running)
select key, max_running from unnest(:keys::text[], :caps::integer[]) given(key, max_running) order by key
on conflict (key) do nothing
