-- What is asked of every key that a claim or a look at a batch meets, without a query where none is needed.
alter function quiet_until(jsonb, timestamptz) strict;

create or replace function key_rate_room(l limits, at timestamptz) returns integer
language plpgsql stable parallel safe as $$
begin
    if l.rate_count is null then
        return null;
    end if;
    return l.rate_count - coalesce((
        select sum(units) from unnest(l.spent_at, l.spent_units) s(until, units)
         where until > at - make_interval(secs => l.rate_ms / 1000.0)), 0)::integer;
end $$;

create or replace function key_room(l limits, taken bigint, at timestamptz) returns integer
language plpgsql stable parallel safe as $$
begin
    if l.blocked_until > at or l.probe_at > at then
        return 0;
    end if;
    if l.quiet_hours is not null and quiet_until(l.quiet_hours, at) is not null then
        return 0;
    end if;
    return least(key_cap(l, at) - taken, key_rate_room(l, at), case when l.probe_at is not null then 1 - taken end);
end $$;

create or replace function key_opens_at(l limits, at timestamptz) returns timestamptz
language plpgsql stable parallel safe as $$
declare
    opens timestamptz := greatest(at, l.blocked_until, l.probe_at, quiet_until(l.quiet_hours, at));
begin
    if l.rate_count is not null and key_rate_room(l, at) < 1 then
        opens := greatest(opens, (
            select min(until) from unnest(l.spent_at) until where until > at - make_interval(secs => l.rate_ms / 1000.0))
            + make_interval(secs => l.rate_ms / 1000.0));
    end if;
    return nullif(opens, at);
end $$;
