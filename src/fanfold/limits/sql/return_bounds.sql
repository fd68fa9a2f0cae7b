-- Takes back what a person set: the key has what is declared again.
update limits set max_running = :max_running, rate_count = :rate_count, rate_ms = :rate_ms, quiet_hours = null,
       adapted_running = null, adapted_at = null, pinned = false
 where key = :key
returning pg_notify('fanfold_work', '')
