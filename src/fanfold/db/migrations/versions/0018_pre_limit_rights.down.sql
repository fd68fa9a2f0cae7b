-- Takes back 0018.

drop trigger users_limited on users;
drop function limit_new_user();
do $$
declare
    shared text;
begin
    foreach shared in array array['limits', 'limit_usage', 'breakers'] loop
        execute format('drop policy %I on %I', shared || '_that_concern_them', shared);
        execute format('drop policy %I on %I', shared || '_for_the_service', shared);
        execute format('alter table %I disable row level security', shared);
    end loop;
end $$;
drop function visible_keys(uuid);
