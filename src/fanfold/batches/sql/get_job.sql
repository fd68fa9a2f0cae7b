-- Reads one batch as its own page shows it: with its policy, its pause, its stop, and the batch that it waits for.
select b.id, b.batch_id, b.user_id, b.kind, b.name, b.description, b.tags, b.status, b.max_parallel, b.total_count,
       b.pending_count, b.running_count, b.completed_count, b.failed_count, b.skipped_count, b.cancelled_count,
       b.row_count, b.cancel_reason, b.created_at, b.updated_at, b.started_at, b.finished_at, b.workflow_id,
       (select array[w.key, w.name, w.description] from workflows w where w.id = b.workflow_id) as workflow,
       (select u.username from users u where u.id = b.user_id) as created_by,
       b.priority, b.max_attempts, b.backoff_base_ms, b.attempt_timeout_ms, b.operation_timeout_ms, b.timeout_ms,
       b.stop_on_error, b.tolerated_count, b.tolerated_percent, b.strict_budget, b.forgiven_count, b.ordering,
       b.wave_ends, b.wave, b.wave_tolerated, b.lock_mode, b.quiet_hours, b.after_id, b.after_status,
       b.paused_at, b.pause_mode, b.pause_reason, b.resume_at, b.stopped_at, b.stop_reason,
       rate.rate_count, rate.rate_ms, before.batch_id as after_batch, before.status as after_state,
       case when b.paused_at is not null then
           (select (select u.username from users u where u.id = (e.detail ->> 'actor')::uuid) from events e
             where e.batch_id = b.id and e.name = 'batch.paused' order by e.id desc limit 1) end as paused_by,
       moment() as now, quiet_until(b.quiet_hours, moment()) as quiet_until,
       failures_tolerated(b.stop_on_error, b.tolerated_count, b.tolerated_percent, b.total_count) as tolerated
  from batches b
  left join batches before on before.id = b.after_id
  left join limits rate on rate.key = 'batch:' || b.id and rate.rate_count is not null
 where b.batch_id = :reference or b.id = :id
