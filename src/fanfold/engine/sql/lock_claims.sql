-- Lets one claim pass at a time; its own statement, so that the claim's snapshot sees what the one before it took.
select pg_advisory_xact_lock(4701)
