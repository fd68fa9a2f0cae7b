-- Sets what a person asks of a key; what is not given stays. It binds the next claim, and workers are woken.
insert into limits as l (key, max_running, rate_count, rate_ms, quiet_hours, pinned, guarded)
values (:key, :max_running, :rate_count, :rate_ms, :quiet_hours, true, starts_with(:key::text, 'target:'))
on conflict (key) do update set pinned = true,
       max_running = case when :sets_running::boolean then excluded.max_running else l.max_running end,
       adapted_running = case when not :sets_running::boolean then l.adapted_running end,
       adapted_at = case when not :sets_running::boolean then l.adapted_at end,
       rate_count = case when :sets_rate::boolean then excluded.rate_count else l.rate_count end,
       rate_ms = case when :sets_rate::boolean then excluded.rate_ms else l.rate_ms end,
       quiet_hours = case when :sets_quiet_hours::boolean then excluded.quiet_hours else l.quiet_hours end
returning pg_notify('fanfold_work', '')
