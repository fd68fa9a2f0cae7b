-- Stops batches that took longer than they were allowed; their attempts are told, and their snoozes end.
with overdue as (
    select id from batches where status in ('queued', 'running') and stopped_at is null
       and timed_from + make_interval(secs => timeout_ms / 1000.0) < moment()
       and (after_id is null or started_at is not null)
     order by id for no key update skip locked
)
update batches b set stopped_at = moment(), stop_reason = 'timeout', updated_at = moment()
  from overdue where b.id = overdue.id
returning b.id, pg_notify('fanfold_cancel', b.id::text)
