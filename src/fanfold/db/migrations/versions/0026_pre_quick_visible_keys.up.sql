-- A batch's operations hold few different sets of keys: each set is taken apart once, not once per operation.
create or replace function visible_keys(viewer uuid) returns setof text language sql stable as $$
    select unnest(array['global', 'user:*', 'user:' || viewer])
    union select 'kind:' || kind from batches where user_id = viewer
    union select 'target:' || id from amc_instances where user_id = viewer
    union select 'connection:' || id from connections where user_id = viewer
    union select 'batch:' || id from batches
           where user_id = viewer and status in ('pending', 'queued', 'running', 'paused', 'cancelling')
    union select unnest(limit_keys) from (
        select distinct o.limit_keys from batches b join operations o on o.batch_id = b.id
         where b.user_id = viewer and b.status in ('pending', 'queued', 'running', 'paused', 'cancelling')
           and o.status in ('pending', 'running')) held $$;
