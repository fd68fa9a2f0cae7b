-- Renews a worker's leases and returns the attempts that are still its own.
with alive as (
    update workers set heartbeat_at = moment(), running_count = :running_count where id = :worker_id
)
update attempts set lease_until = moment() + :lease::interval
 where worker_id = :worker_id and state = 'running'
returning id
