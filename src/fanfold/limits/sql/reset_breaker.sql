-- Closes a key's breaker and forgets what it counted.
with forgotten as (
    delete from breakers where key = :key
)
update limits set probe_at = null where key = :key
returning pg_notify('fanfold_work', '')
