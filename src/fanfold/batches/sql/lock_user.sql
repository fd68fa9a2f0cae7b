-- Lets one submission of a user pass at a time, so that counting the unfinished batches is exact.
select pg_advisory_xact_lock(hashtextextended('submit:' || :user_id::uuid::text, 0))
