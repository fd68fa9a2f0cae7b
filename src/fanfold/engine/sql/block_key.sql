-- Makes a limit's key wait for everyone: the remote side asked for it.
update limits set blocked_until = greatest(blocked_until, moment() + make_interval(secs => :after_ms::bigint / 1000.0))
 where key = :key
