-- Counts the acting user's batches that have not ended.
select count(*) from batches
 where user_id = :user_id and status in ('pending', 'queued', 'running', 'paused', 'cancelling')
