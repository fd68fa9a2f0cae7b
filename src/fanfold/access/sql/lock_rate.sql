-- Lets the acting user's requests against one rate pass one by one until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('rate ' || :key::text || ' ' || acting_user()::text, 0));
