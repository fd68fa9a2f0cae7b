-- Limits name what other users work on, so nobody reads them but those whom they concern; new users get the default cap.

-- Keys that a user's unfinished operations hold, and those that are theirs.
create function visible_keys(viewer uuid) returns setof text language sql stable as $$
    select unnest(array['global', 'user:*', 'user:' || viewer])
    union select 'kind:' || kind from batches where user_id = viewer
    union select 'target:' || id from amc_instances where user_id = viewer
    union select 'connection:' || id from connections where user_id = viewer
    union select 'batch:' || id from batches
           where user_id = viewer and status in ('pending', 'queued', 'running', 'paused', 'cancelling')
    union select key from batches b join operations o on o.batch_id = b.id cross join unnest(o.limit_keys) key
           where b.user_id = viewer and b.status in ('pending', 'queued', 'running', 'paused', 'cancelling')
             and o.status in ('pending', 'running') $$;

-- A batch's own key is looked up by itself: every look at a batch reads it.
do $$
declare
    shared text;
begin
    foreach shared in array array['limits', 'limit_usage', 'breakers'] loop
        execute format('alter table %I enable row level security', shared);
        execute format('create policy %I on %I for select to fanfold_api using (
            case when key ~ ''^batch:[0-9a-f-]{36}$''
                 then exists (select from batches b where b.id = substr(key, 7)::uuid)
                 else key in (select visible_keys((select acting_user()))) end)', shared || '_that_concern_them', shared);
        execute format('create policy %I on %I to fanfold_worker using (true) with check (true)',
                       shared || '_for_the_service', shared);
    end loop;
end $$;

create function limit_new_user() returns trigger language plpgsql security definer set search_path from current as $$
begin
    insert into limits (key, max_running) select 'user:' || new.id, max_running from limits where key = 'user:*'
    on conflict do nothing;
    return null;
end $$;
create trigger users_limited after insert on users for each row execute function limit_new_user();
