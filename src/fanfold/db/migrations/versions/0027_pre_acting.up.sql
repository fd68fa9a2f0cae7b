-- Lets a statement act for a user by itself, so that a read takes one round trip; refuses who is gone or disabled.
create function act_for(wanted uuid) returns uuid
language plpgsql volatile security definer set search_path from current as $$
begin
    if not exists (select from users u where u.id = wanted and u.disabled_at is null) then
        raise exception 'There is no such user, or they are disabled.' using errcode = 'FF401';
    end if;
    return set_config('fanfold.user_id', wanted::text, true);
end $$;
revoke execute on function act_for(uuid) from public;
grant execute on function act_for(uuid) to fanfold_api, fanfold_worker;
