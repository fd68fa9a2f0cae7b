-- Claims due operations for one worker: fair between users and batches, never past a batch's or a key's limit.
-- Run after lock_claims: claims alone raise usage, so a number read here can only have fallen since. Whoever moves what
-- is pending holds its batch, and so does this.
with busy as materialized (
    select id, user_id, kind, running_count n from batches
     where status in ('running', 'paused', 'cancelling') and running_count > 0
), wide as materialized (
    select 'global' as key, sum(n)::integer taken from busy union all
    select 'batch:' || id, n from busy union all
    select 'kind:' || kind, sum(n)::integer from busy group by kind union all
    select 'user:' || user_id, sum(n)::integer from busy group by user_id
), closed as materialized (
    select coalesce(array_agg(key), '{}') list from (
        select l.key from limits l left join limit_usage u using (key) left join wide w using (key)
         where (l.rate_count is not null or l.blocked_until is not null or l.quiet_hours is not null
                or l.probe_at is not null) and key_room(l, coalesce(u.running_count, w.taken, 0), moment()) <= 0
        union all select key from limit_usage u join limits l using (key)
         where u.running_count > 0 and key_room(l, u.running_count, moment()) <= 0
        union all select key from wide w join limits l using (key) where key_room(l, w.taken, moment()) <= 0) k
), room as materialized (
    select b.id, b.user_id, b.running_count, b.ordering = 'sequential' sequential, b.wave_ends[b.wave] wave_end,
           b.priority + floor(extract(epoch from moment() - coalesce(b.claimed_at, b.sealed_at)) / 30) urgency,
           least(lanes - b.running_count, :capacity::integer, case when b.strict_budget
               then failures_left(b) + 1 - b.running_count end) room,
           array(select l.key from limits l where l.key in (
                 'batch:' || b.id, 'user:' || b.user_id, 'kind:' || b.kind, 'global')) wide_keys
      from batches b cross join closed c
           cross join lateral (select case b.ordering when 'sequential' then 1 else b.max_parallel end lanes) l
     where b.status in ('queued', 'running') and b.pending_count > 0 and b.running_count < lanes
       and b.kind = any(:kinds::text[]) and b.stopped_at is null and not b.common_keys && c.list
       and not array['batch:' || b.id, 'user:' || b.user_id, 'kind:' || b.kind, 'global'] && c.list
       and (b.quiet_hours is null or quiet_until(b.quiet_hours, moment()) is null)
       and (b.after_status is null or exists (select from batches a where a.id = b.after_id and (a.status = 'completed'
            or b.after_status = 'finished' and a.status in ('partial', 'failed', 'cancelled'))))
     order by b.id for no key update of b
), looked as materialized (
    -- Of very many batches only those that come first are looked at in full, the others a little: what is first may
    -- hold nothing but full keys, so that nobody is passed over for ever, and a claim stays cheap.
    select r.*, case when row_number() over (partition by user_id order by urgency desc, running_count, id) <= 20
                then room else least(room, 1 + 2 * :capacity::integer / count(*) over ()) end as look
      from room r
), candidates as materialized (
    select r.id batch_id, r.user_id, r.urgency, r.running_count, o.id, o.attempt_count, o.overrides, o.weights,
           o.limit_keys || r.wide_keys as keys,
           row_number() over (partition by r.id order by o.priority desc, o.ordinal) turn
      from looked r cross join closed f cross join lateral (
           select q.id, q.limit_keys, q.limit_weights weights, q.attempt_count, q.overrides, q.priority, q.ordinal
             from operations q
            where q.batch_id = r.id and q.status = 'pending' and (q.due_at is null or q.due_at <= moment())
              and not q.limit_keys && f.list and (r.wave_end is null or q.ordinal < r.wave_end)
              and (q.limit_weights is null or keys_fit(q.limit_keys, q.limit_weights, moment()))
              and (not r.sequential or q.id = (
                   select p.id from operations p where p.batch_id = r.id and p.status = 'pending'
                    order by p.priority desc, p.ordinal limit 1))
            order by q.priority desc, q.ordinal limit greatest(r.look, 0)) o
), fair as materialized (
    -- The next slot goes to the user who has the fewest, and there to the most urgent batch, then to the emptiest.
    select c.*, coalesce(load.n, 0) + row_number() over (partition by c.user_id
           order by c.urgency desc, c.running_count + c.turn, c.batch_id, c.turn) share
      from candidates c left join (select user_id, sum(n) n from busy group by user_id) load using (user_id)
), held as materialized (
    select f.id, f.share, f.turn, k.key, coalesce(k.weight, 1) weight from fair f, unnest(f.keys, f.weights) k(key, weight)
), rooms as materialized (
    -- Looked up one by one: there are few here and may be very many in the tables.
    select k.key, (select key_room(l, coalesce((select running_count from limit_usage u where u.key = k.key),
           (select taken from wide w where w.key = k.key), 0), moment()) from limits l where l.key = k.key) room
      from (select distinct key from held) k
), over_limit as (
    select id from (select h.id, r.room, sum(h.weight) over (partition by h.key order by h.share, h.turn, h.id) used
                      from held h join rooms r using (key)) ranked where used > room
), picked as materialized (
    select f.id, f.attempt_count, f.overrides from fair f where f.id not in (select id from over_limit)
     order by f.share, f.urgency desc, f.turn limit :capacity::integer
), tried as (
    -- Behind candidates that were all taken, or of which a key refused some, more may stand.
    select bool_or(n >= look and (look < room or taken < n)) more
      from (select c.batch_id id, count(*) n, count(p.id) taken from candidates c left join picked p using (id) group by 1) t
           join looked using (id)
), spent as (
    update limits l set (spent_at, spent_units) = (select ends, units from key_spending(l, s.weight, moment()))
      from (select h.key, sum(h.weight)::integer weight from held h join picked using (id) group by h.key) s,
           (select key from limits where rate_count is not null and key in (select key from rooms)
             order by key for no key update) locked
     where l.key = s.key and l.key = locked.key
), started as (
    insert into attempts (operation_id, number, worker_id, lease_until, input)
    select id, attempt_count + 1, :worker_id, moment() + :lease::interval, overrides from picked
    returning id, operation_id, number, lease_token, started_at
)
update operations o
   set status = 'running', due_at = null, attempt_count = s.number, attempt_id = s.id, reason = null, error = null,
       error_fingerprint = null, started_at = coalesce(o.started_at, moment())
  from started s where o.id = s.operation_id
returning o.*, s.lease_token, s.started_at attempt_started_at, (select more from tried) more
