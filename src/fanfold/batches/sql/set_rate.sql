-- Sets how many operations of a batch may start per time; what has started counts.
insert into limits as l (key, rate_count, rate_ms, pinned) values (:key, :rate_count, :rate_ms, true)
on conflict (key) do update set rate_count = excluded.rate_count, rate_ms = excluded.rate_ms
