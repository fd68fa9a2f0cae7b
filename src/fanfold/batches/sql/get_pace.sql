-- Reads how fast unfinished batches end their operations: their last events since they last began to run.
select b.id, moment() as now, run.ended_count, run.began_at, run.last_ended_at, run.last_event_at,
       (select o.target ->> 'name'
          from unnest(run.claimed_ids[1:20]) claimed(id)
          join operations o on o.id = claimed.id
         where o.status = 'running'
         order by o.started_at desc, o.ordinal desc
         limit 1) as current_operation
  from unnest(:ids::uuid[]) b(id)
 cross join lateral (
    with recent as (
        select id, name, at, operation_ids from events e where e.batch_id = b.id order by id desc limit 200
    ), run as (
        select r.*, min(at) over () as began_at from recent r
         where r.id > (select coalesce(max(id), 0) from recent
                        where name in ('batch.completed', 'batch.partial', 'batch.failed', 'batch.cancelled'))
    )
    select min(began_at) as began_at, max(at) as last_event_at,
           max(at) filter (where name in ('operation.completed', 'operation.failed', 'operation.skipped'))
               as last_ended_at,
           coalesce(sum(cardinality(operation_ids)) filter (
               where at > began_at
                 and name in ('operation.completed', 'operation.failed', 'operation.skipped')), 0)::bigint
               as ended_count,
           array(select unnest(c.operation_ids[1:10]) from
                 (select operation_ids from run where name = 'operation.claimed' order by id desc limit 10) c)
               as claimed_ids
      from run) run
