-- The functions as they were.
alter function quiet_until(jsonb, timestamptz) called on null input;

create or replace function key_rate_room(l limits, at timestamptz) returns integer language sql stable parallel safe as $$
    select case when l.rate_count is not null then l.rate_count - coalesce((
        select sum(units) from unnest(l.spent_at, l.spent_units) s(until, units)
         where until > at - make_interval(secs => l.rate_ms / 1000.0)), 0)::integer end $$;

create or replace function key_room(l limits, taken bigint, at timestamptz) returns integer language sql stable parallel safe as $$
    select case when l.blocked_until > at or l.probe_at > at then 0
                when l.quiet_hours is not null and quiet_until(l.quiet_hours, at) is not null then 0
                else least(key_cap(l, at) - taken, key_rate_room(l, at), case when l.probe_at is not null then 1 - taken end)::integer end $$;

create or replace function key_opens_at(l limits, at timestamptz) returns timestamptz language sql stable parallel safe as $$
    select nullif(greatest(at, l.blocked_until, l.probe_at, quiet_until(l.quiet_hours, at),
        case when key_rate_room(l, at) < 1 then (select min(until) from unnest(l.spent_at) until
              where until > at - make_interval(secs => l.rate_ms / 1000.0))
            + make_interval(secs => l.rate_ms / 1000.0) end), at) $$;
