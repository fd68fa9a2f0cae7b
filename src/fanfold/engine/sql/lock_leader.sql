-- Lets one worker lead at a time; the others try again later.
select pg_try_advisory_xact_lock(4703)
