-- Sets how many operations of a batch may start per time; the bucket begins as full as it was.
insert into limits as l (key, rate_count, rate_ms, burst, pinned)
values (:key, :rate_count, :rate_ms, :burst, true)
on conflict (key) do update set tokens = least(key_tokens(l, moment()), excluded.burst), refilled_at = moment(),
       rate_count = excluded.rate_count, rate_ms = excluded.rate_ms, burst = excluded.burst
