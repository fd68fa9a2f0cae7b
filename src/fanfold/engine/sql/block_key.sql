-- Makes a limit's key wait for everyone: the remote side asked for it. Without a pause of its own it halves what the
-- key bears, once per wave of such answers.
insert into limits as l (key, blocked_until, adapted_running, adapted_at)
select :key::text, until, case when :halve::boolean then 1 end, case when :halve::boolean then moment() end
  from (select moment() + make_interval(secs => :after_ms::bigint / 1000.0) until) blocked
on conflict (key) do update set
   blocked_until = greatest(l.blocked_until, excluded.blocked_until),
   adapted_running = case
       when not :halve::boolean or l.adapted_at > moment() - interval '5 s' then l.adapted_running
       else greatest(1, least(key_cap(l, moment()), (select running_count from limit_usage u where u.key = l.key)) / 2) end,
   adapted_at = case
       when not :halve::boolean or l.adapted_at > moment() - interval '5 s' then l.adapted_at else moment() end
