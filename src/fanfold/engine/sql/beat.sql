-- Renews the leases of the attempts that a worker believes its own, notes what it uses, and returns those that are.
with alive as (
    update workers set heartbeat_at = moment(), running_count = cardinality(:attempt_ids::bigint[]),
           cpu_percent = :cpu_percent::double precision, memory_bytes = :memory_bytes::bigint,
           loop_lag_ms = :loop_lag_ms::double precision
     where id = :worker_id
), believed as materialized (
    select id from attempts
     where id = any(:attempt_ids::bigint[]) and worker_id = :worker_id and state = 'running'
), free as materialized (
    -- Whoever holds an attempt is ending it: waiting for several such, in any order, would deadlock with them.
    select id from attempts
     where id = any(:attempt_ids::bigint[]) and worker_id = :worker_id and state = 'running'
       for no key update skip locked
), renewed as (
    update attempts a set lease_until = moment() + :lease::interval from free f where a.id = f.id
)
select id from believed
