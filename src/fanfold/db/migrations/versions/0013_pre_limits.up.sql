-- Limits grow: rates, weights, adapted caps, quiet hours, breakers. One row tells all that a claim must know of a key.

alter table limits
    alter column max_running drop not null,
    add column adapted_running integer check (adapted_running > 0),
    add column adapted_at timestamptz,
    add column rate_count integer check (rate_count > 0),
    add column rate_ms bigint check (rate_ms > 0),
    add column spent_at timestamptz[],
    add column spent_units integer[],
    add column quiet_hours jsonb,
    add column guarded boolean not null default false,
    add column probe_at timestamptz,
    add column pinned boolean not null default false,
    add constraint rate_is_whole check ((rate_count is null) = (rate_ms is null)),
    add constraint adapted_is_dated check ((adapted_running is null) = (adapted_at is null));
comment on column limits.adapted_running is 'halved by answers that said "too many" and named no pause; grows by one every ten seconds';
comment on column limits.spent_at is 'ends of the hundredths of rate_ms in which units began; what began counts until then plus rate_ms';
comment on column limits.guarded is 'whether a breaker watches the key: it is a target''s own';
comment on column limits.probe_at is 'while its breaker is open: when one operation may try again';
comment on column limits.pinned is 'set by a person; what kinds declare leaves it alone';

-- Those that time alone may close or open; the others can only be full.
create index limits_by_time on limits (key)
    where rate_count is not null or blocked_until is not null or quiet_hours is not null or probe_at is not null;
create index limit_usage_taken on limit_usage (key) where running_count > 0;

-- Failures of one cause in a row on one key; with `opened_at` the breaker is open.
create table breakers (
    key text not null references limits on delete cascade,
    cause text not null,
    error jsonb not null,
    failure_count integer not null default 0,
    first_failed_at timestamptz not null default moment(),
    last_failed_at timestamptz not null default moment(),
    opened_at timestamptz,
    cool_down_ms bigint,
    primary key (key, cause)
);
grant select on breakers to fanfold_api;
grant select, insert, update, delete on breakers to fanfold_worker;

-- When the quiet hours in which `at` lies end; null outside them. A period may pass midnight.
create function quiet_until(hours jsonb, at timestamptz) returns timestamptz language sql stable parallel safe as $$
    select max(ends_at at time zone zone) from jsonb_array_elements(hours) h
     cross join lateral (select h ->> 'timezone' as zone, at at time zone (h ->> 'timezone') as local_at) l
     cross join lateral generate_series(
           (local_at::date - 1)::timestamp, local_at::date::timestamp, interval '1 day') day
     cross join lateral (select day + (h ->> 'start')::time as begins_at, day + (h ->> 'end')::time
           + case when (h ->> 'end')::time <= (h ->> 'start')::time then interval '1 day' else interval '0' end as ends_at) p
     where local_at >= begins_at and local_at < ends_at
       and (h -> 'days' is null or h -> 'days' @> to_jsonb(extract(isodow from day)::integer)) $$;

-- Units that a key's rate has left: no window of rate_ms ever sees more than rate_count begin. Null: it has no rate.
create function key_rate_room(l limits, at timestamptz) returns integer language sql stable parallel safe as $$
    select case when l.rate_count is not null then l.rate_count - coalesce((
        select sum(units) from unnest(l.spent_at, l.spent_units) s(until, units)
         where until > at - make_interval(secs => l.rate_ms / 1000.0)), 0)::integer end $$;

-- What a rate remembers after more units began: by hundredths of its time, so that it stays short.
create function key_spending(l limits, more integer, at timestamptz, out ends timestamptz[], out units integer[])
language sql stable parallel safe as $$
    select array_agg(until order by until), array_agg(n::integer order by until) from (
        select until, sum(n) n from (
            select * from unnest(l.spent_at, l.spent_units) s(until, n) union all
            select to_timestamp(ceil(extract(epoch from at) * 100000 / l.rate_ms) * l.rate_ms / 100000), more) s
         where until > at - make_interval(secs => l.rate_ms / 1000.0) group by until) slots $$;

-- What a key bears now: its cap, or what answers that said "too many" have left of it.
create function key_cap(l limits, at timestamptz) returns integer language sql immutable parallel safe as $$
    select least(l.max_running, l.adapted_running + floor(extract(epoch from at - l.adapted_at) / 10)::integer) $$;

-- Units that a key has left; null: it does not bound. Behind a breaker one operation at a time may probe.
create function key_room(l limits, taken bigint, at timestamptz) returns integer language sql stable parallel safe as $$
    select case when l.blocked_until > at or l.probe_at > at then 0
                when l.quiet_hours is not null and quiet_until(l.quiet_hours, at) is not null then 0
                else least(key_cap(l, at) - taken, key_rate_room(l, at), case when l.probe_at is not null then 1 - taken end)::integer end $$;

-- When a key that time has closed opens again; null: time does not close it.
create function key_opens_at(l limits, at timestamptz) returns timestamptz language sql stable parallel safe as $$
    select nullif(greatest(at, l.blocked_until, l.probe_at, quiet_until(l.quiet_hours, at),
        case when key_rate_room(l, at) < 1 then (select min(until) from unnest(l.spent_at) until
              where until > at - make_interval(secs => l.rate_ms / 1000.0))
            + make_interval(secs => l.rate_ms / 1000.0) end), at) $$;

-- Whether each of an operation's keys has the units that it asks for.
create function keys_fit(keys text[], weights integer[], at timestamptz) returns boolean language sql stable as $$
    select not exists (select from unnest(keys, weights) h(key, weight) join limits l using (key)
                              left join limit_usage u using (key)
                        where coalesce(h.weight, 1) > key_room(l, coalesce(u.running_count, 0), at)) $$;
