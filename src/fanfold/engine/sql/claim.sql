-- Claims due operations for one worker: round robin over batches, never past a batch's or a key's limit.
-- Run after lock_claims: claims alone raise usage, so a number read here can only have fallen since.
with room as materialized (
    select b.id, b.priority, least(b.max_parallel - b.running_count, :capacity::integer) room
      from batches b
     where b.status in ('queued', 'running') and b.pending_count > 0 and b.running_count < b.max_parallel
       and b.kind = any(:kinds::text[])
     order by b.id for no key update
), keys as materialized (
    select l.key, case when l.blocked_until > moment() then 0
                       else l.max_running - coalesce(u.running_count, 0) end room
      from limits l left join limit_usage u using (key)
), full_keys as materialized (
    select coalesce(array_agg(key), '{}') list from keys where room <= 0
), candidates as materialized (
    select r.id batch_id, r.priority, o.id, o.limit_keys, o.attempt_count,
           row_number() over (partition by r.id order by o.priority desc, o.ordinal) turn
      from room r cross join full_keys f cross join lateral (
           select q.id, q.limit_keys, q.attempt_count, q.priority, q.ordinal from operations q
            where q.batch_id = r.id and q.status = 'pending' and (q.due_at is null or q.due_at <= moment())
              and not q.limit_keys && f.list
            order by q.priority desc, q.ordinal limit r.room
              for no key update skip locked) o
), ranked as (
    select c.id, k.room, row_number() over (partition by k.key order by c.turn, c.batch_id) place
      from candidates c, unnest(c.limit_keys) held(key) join keys k on k.key = held.key
), picked as (
    select c.id, c.attempt_count from candidates c
     where not exists (select from ranked r where r.id = c.id and r.place > r.room)
     order by c.priority desc, c.turn, c.batch_id limit :capacity::integer
), started as (
    insert into attempts (operation_id, number, worker_id, lease_until)
    select id, attempt_count + 1, :worker_id, moment() + :lease::interval from picked
    returning id, operation_id, number, lease_token, started_at
), claimed as (
    update operations o
       set status = 'running', due_at = null, attempt_count = s.number, attempt_id = s.id, reason = null, error = null,
           error_fingerprint = null, started_at = coalesce(o.started_at, moment())
      from started s where o.id = s.operation_id
    returning o.*, s.lease_token, s.started_at attempt_started_at
)
select * from claimed
