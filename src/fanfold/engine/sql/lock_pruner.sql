-- Lets one worker prune at a time.
select pg_try_advisory_xact_lock(4704)
