-- Who a token names, by one statement without a transaction around it, for every request asks this first.
create function enabled_user(wanted uuid) returns table (id uuid, username text, display_name text, role text)
language sql stable security definer set search_path from current rows 1 as $$
    select u.id, u.username, u.display_name, u.role from users u where u.id = wanted and u.disabled_at is null $$;
revoke execute on function enabled_user(uuid) from public;
grant execute on function enabled_user(uuid) to fanfold_api, fanfold_worker;
