-- Counts the workers that have shown a sign of life lately.
select count(*) from workers where stopped_at is null and heartbeat_at > moment() - interval '60 seconds'
