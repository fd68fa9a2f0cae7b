-- Ends the pause that a remote side asked for, and gives the key back what such answers took.
update limits set blocked_until = null, adapted_running = null, adapted_at = null where key = :key
returning pg_notify('fanfold_work', '')
