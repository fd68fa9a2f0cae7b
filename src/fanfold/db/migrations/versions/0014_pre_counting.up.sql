-- Counting learns of weights, of operations that begin skipped, and of the failure budget, which stops a batch in the
-- very statement that spends it. Control leaves its traces in the timeline.

create or replace function count_added() returns trigger language plpgsql security definer set search_path from current as $$
begin
    update batches b set total_count = total_count + added.n, pending_count = pending_count + added.n - added.skipped,
           skipped_count = skipped_count + added.skipped, updated_at = moment(),
           finished_at = case when sealed_at is not null and pending_count + added.n - added.skipped = 0 then moment() end
      from (select batch_id, count(*) n, count(*) filter (where status = 'skipped') skipped
              from new_rows group by batch_id) added
     where b.id = added.batch_id;
    -- Where a condition left out every operation, there is nothing to wait for.
    insert into events (batch_id, user_id, name) select id, user_id, 'batch.' || status from batches
     where id in (select batch_id from new_rows) and sealed_at is not null and pending_count + running_count = 0;
    perform pg_notify('fanfold_work', '');
    return null;
end $$;

-- A plan is kept from its first call on, which may have seen one row; nested loops over a thousand would be quadratic.
create or replace function count_changed() returns trigger language plpgsql security definer set search_path from current
set enable_nestloop = off as $$
declare
    keys text[];
    deltas integer[];
    told_count bigint;
    wake_count bigint;
begin
    if not exists (select from new_rows) then
        return null;
    end if;
    with moved as (
        select n.batch_id, n.user_id, n.status status_now, o.status status_was,
               case when n.status <> o.status then count(*) else 0 end::integer n,
               sum(coalesce(n.row_count, 0) - coalesce(o.row_count, 0)) rows, array_agg(n.id) ids
          from old_rows o join new_rows n using (id)
         where n.status <> o.status or n.row_count is distinct from o.row_count
         group by 1, 2, 3, 4
    ), delta as (
        select batch_id, sum(rows) rows,
               sum(case 'pending' when status_now then n when status_was then -n else 0 end) pending,
               sum(case 'running' when status_now then n when status_was then -n else 0 end) running,
               sum(case 'completed' when status_now then n when status_was then -n else 0 end) completed,
               sum(case 'failed' when status_now then n when status_was then -n else 0 end) failed,
               sum(case 'skipped' when status_now then n when status_was then -n else 0 end) skipped,
               sum(case 'cancelled' when status_now then n when status_was then -n else 0 end) cancelled
          from moved group by batch_id
    ), counted as (
        update batches b set
               pending_count = pending_count + d.pending, running_count = running_count + d.running,
               completed_count = completed_count + d.completed, failed_count = failed_count + d.failed,
               skipped_count = skipped_count + d.skipped, cancelled_count = cancelled_count + d.cancelled,
               row_count = b.row_count + d.rows, updated_at = moment(),
               started_at = coalesce(started_at, case when d.running > 0 then moment() end),
               claimed_at = case when d.running > 0 then moment() else b.claimed_at end,
               stopped_at = coalesce(b.stopped_at, case when failures_left(b) < d.failed then moment() end),
               stop_reason = coalesce(b.stop_reason, case when failures_left(b) < d.failed
                   then case when b.stop_on_error then 'stop_on_error' else 'budget' end end),
               finished_at = case when pending_count + d.pending + running_count + d.running = 0
                   and (sealed_at is not null or cancel_requested_at is not null) then coalesce(finished_at, moment()) end
          from delta d where b.id = d.batch_id
        returning b.id, b.user_id, b.status, b.finished_at, b.pending_count > 0 and d.running <= 0 as has_room,
                  b.finished_at is not null or b.wave_ends[b.wave] is not null
                  or b.stopped_at is not null and b.pending_count > 0 as leads
    ), told as (
        insert into events (batch_id, user_id, name, operation_ids)
        select batch_id, user_id, 'operation.' || case status_now when 'running' then 'claimed'
               when 'pending' then 'retried' else status_now end, ids
          from moved where status_now <> status_was
    ), ended as (
        insert into events (batch_id, user_id, name)
        select id, user_id, 'batch.' || status from counted where finished_at is not null
    )
    select count(pg_notify('fanfold_changed', id::text)),
           count(case when leads then pg_notify('fanfold_work', 'lead')
                      when has_room then pg_notify('fanfold_work', '') end)
      from counted into told_count, wake_count;

    select array_agg(key), array_agg(delta) into keys, deltas from (
        select key, sum(coalesce(weight, 1) * case 'running' when n.status then 1 else -1 end)::integer delta
          from old_rows o join new_rows n using (id), unnest(n.limit_keys, n.limit_weights) held(key, weight)
         where n.status <> o.status and 'running' in (n.status, o.status)
         group by key) used;
    if keys is not null then
        perform use_limits(keys, deltas);
    end if;
    return null;
end $$;

create or replace function release_deleted() returns trigger language plpgsql security definer
set search_path from current as $$
begin
    perform use_limits(array_agg(key), array_agg(delta))
       from (select key, -sum(coalesce(weight, 1))::integer delta
               from old_rows, unnest(limit_keys, limit_weights) held(key, weight)
              where status = 'running' group by key) released
     having count(*) > 0;
    return null;
end $$;

grant update (extended_ms) on operations to fanfold_api;
