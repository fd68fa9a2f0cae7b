-- Lets one attempt at a time decide whose a remote run is.
select pg_advisory_xact_lock(hashtextextended(:remote_ref::text, 4702))
