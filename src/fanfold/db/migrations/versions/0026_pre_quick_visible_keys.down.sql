-- Takes back 0026.
create or replace function visible_keys(viewer uuid) returns setof text language sql stable as $$
    select unnest(array['global', 'user:*', 'user:' || viewer])
    union select 'kind:' || kind from batches where user_id = viewer
    union select 'target:' || id from amc_instances where user_id = viewer
    union select 'connection:' || id from connections where user_id = viewer
    union select 'batch:' || id from batches
           where user_id = viewer and status in ('pending', 'queued', 'running', 'paused', 'cancelling')
    union select key from batches b join operations o on o.batch_id = b.id cross join unnest(o.limit_keys) key
           where b.user_id = viewer and b.status in ('pending', 'queued', 'running', 'paused', 'cancelling')
             and o.status in ('pending', 'running') $$;
