-- Notes that a worker has ended.
update workers set stopped_at = moment(), running_count = 0 where id = :worker_id
