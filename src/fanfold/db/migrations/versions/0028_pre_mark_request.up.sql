-- Counts a request of the acting user in one round trip: its mark, or null and how long until the oldest counts no more.
create function mark_request(rate text, allowed integer, span interval, out mark bigint, out wait interval)
language plpgsql volatile set search_path from current as $$
declare
    recent record;
begin
    -- One by one, each with a fresh look, so that the rate is exact.
    perform pg_advisory_xact_lock(hashtextextended('rate ' || rate || ' ' || acting_user()::text, 0));
    delete from rate_marks m where m.user_id = acting_user() and m.key = rate and m.at <= moment() - span;
    select count(*) as n, min(m.at) as oldest into recent
      from rate_marks m where m.user_id = acting_user() and m.key = rate;
    if recent.n < allowed then
        insert into rate_marks (user_id, key) values (acting_user(), rate) returning id into mark;
        -- A crash of the server may take the last marks with it: nobody waits for the disk because of a mark.
        perform set_config('synchronous_commit', 'off', true);
    end if;
    wait := recent.oldest + span - moment();
end $$;
revoke execute on function mark_request(text, integer, interval) from public;
grant execute on function mark_request(text, integer, interval) to fanfold_api, fanfold_worker;
