-- Reads what progress is told from: how unfinished batches went of late, what runs, and what holds the rest back.
select b.id, moment() as now, run.*, running.*, retrying.*, held.*, quiet_until(b.quiet_hours, moment()) as quiet_until,
       case when b.ordering = 'sequential' then 1 else b.max_parallel end as parallel,
       exists (select from batches a where a.id = b.after_id and a.finished_at is null) as waits_for_batch,
       (select count(*) from workers
         where stopped_at is null and heartbeat_at > moment() - interval '60 seconds') as worker_count
  from batches b
 cross join lateral (
    with recent as (
        select id, name, extract(epoch from moment() - at)::double precision as ago, operation_ids
          from events where batch_id = b.id and b.started_at is not null order by id desc limit :depth
    ), run as (
        select * from recent
         where id > (select coalesce(max(id), 0) from recent
                      where name in ('batch.completed', 'batch.partial', 'batch.failed', 'batch.cancelled'))
    ), ends as (
        select * from run where name in ('operation.completed', 'operation.failed', 'operation.skipped')
    )
    select (select max(ago) from run) as began_ago, (select min(ago) from run) as last_event_ago,
           array(select ago from ends order by id desc) as ends_ago,
           array(select cardinality(operation_ids) from ends order by id desc) as ends_count,
           array(select ago from run where name = 'batch.paused' order by id) as paused_ago,
           array(select ago from run where name = 'batch.resumed' order by id) as resumed_ago,
           array(select extract(epoch from o.finished_at - o.started_at)::double precision
                   from (select unnest(operation_ids[1:10]) as id
                           from (select operation_ids from ends order by id desc limit :sample) e limit :sample) last
                   join operations o using (id)
                  where o.finished_at is not null and o.started_at is not null) as durations) run
 cross join lateral (
    select array(select o.target ->> 'name' from operations o where o.batch_id = b.id and o.status = 'running' and b.running_count > 0
                  order by o.started_at desc, o.id desc limit 5) as current_operations,
           (select o.target ->> 'name' from operations o where o.batch_id = b.id and o.status = 'running' and b.running_count > 0
             order by o.started_at, o.id limit 1) as longest_operation,
           extract(epoch from moment() - min(o.started_at))::double precision as longest_seconds,
           extract(epoch from moment() - max(o.started_at))::double precision as shortest_seconds
      from operations o where o.batch_id = b.id and o.status = 'running' and b.running_count > 0) running
 cross join lateral (
    select count(*) as retry_count, extract(epoch from min(due_at) - moment())::double precision as retry_first,
           extract(epoch from max(due_at) - moment())::double precision as retry_last
      from (select due_at from operations where batch_id = b.id and status = 'pending' and due_at > moment()
             order by due_at desc limit 1000) r) retrying
 cross join lateral (
    select min(key_cap(l, moment()) - coalesce(u.running_count, 0) + b.running_count)
               filter (where l.key = any(b.common_keys)) as slots_left,
           min(l.rate_count * 1000.0 / l.rate_ms)::double precision as starts_per_second,
           max(key_opens_at(l, moment())) as opens_at,
           (array_agg(array[l.key, coalesce(u.running_count, 0)::text, key_cap(l, moment())::text] order by l.key)
               filter (where key_room(l, coalesce(u.running_count, 0), moment()) <= 0))[1:1] as full_key
      from limits l left join limit_usage u using (key)
     where l.key = any(b.common_keys || array(
           select unnest(o.limit_keys) from (
               select limit_keys from operations
                where batch_id = b.id and status = 'pending' and (due_at is null or due_at <= moment())
                order by priority desc, ordinal limit 1) o))) held
 where b.id = any(:ids::uuid[])
