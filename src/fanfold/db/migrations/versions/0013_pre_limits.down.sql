-- Undoes 0013.

drop function keys_fit(text[], integer[], timestamptz);
drop function key_opens_at(limits, timestamptz);
drop function key_room(limits, bigint, timestamptz);
drop function key_cap(limits, timestamptz);
drop function key_spending(limits, integer, timestamptz);
drop function key_rate_room(limits, timestamptz);
drop function quiet_until(jsonb, timestamptz);
drop table breakers;
drop index limit_usage_taken, limits_by_time;
delete from limits where max_running is null;
alter table limits
    drop constraint rate_is_whole, drop constraint adapted_is_dated,
    drop column adapted_running, drop column adapted_at, drop column rate_count, drop column rate_ms,
    drop column spent_at, drop column spent_units, drop column quiet_hours, drop column guarded,
    drop column probe_at, drop column pinned, alter column max_running set not null;
