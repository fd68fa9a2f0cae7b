-- Undoes 0011.

create or replace function moment() returns timestamptz language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('fanfold.moment', true), '')::timestamptz, now()) $$;
alter table batches drop column status;
alter table batches add column status text not null generated always as (batch_status(sealed_at is not null,
    paused_at is not null, cancel_requested_at is not null, total_count, pending_count, running_count, completed_count,
    failed_count, skipped_count, cancelled_count)) stored;
create index idx_batch_executions_status on batches (status);
drop function batch_status(boolean, boolean, boolean, boolean, integer, integer, integer, integer, integer, integer,
    integer);
drop function failures_left(batches);
drop function failures_tolerated(boolean, integer, double precision, integer);
alter table operations drop column limit_weights, drop column extended_ms;
alter table batches
    drop constraint paused_has_mode, drop constraint stopped_has_reason, drop constraint after_has_status,
    drop column pause_mode, drop column pause_reason, drop column resume_at, drop column timed_from, drop column forgiven_count,
    drop column stopped_at, drop column stop_reason, drop column stop_on_error, drop column tolerated_count,
    drop column tolerated_percent, drop column strict_budget, drop column timeout_ms, drop column ordering,
    drop column wave_ends, drop column wave, drop column wave_tolerated, drop column lock_mode,
    drop column quiet_hours, drop column after_id, drop column after_status, drop column claimed_at,
    drop column common_keys;

create view batch_executions with (security_invoker = true) as
select id, batch_id, workflow_id, name, description, selection as instance_ids, base_parameters,
       overrides as instance_parameters,
       case status when 'queued' then 'pending' when 'paused' then 'running' when 'cancelling' then 'running'
            else status end as status,
       total_count as total_instances, completed_count + skipped_count as completed_instances,
       failed_count as failed_instances, user_id, started_at, finished_at as completed_at, created_at, updated_at
  from batches where kind = 'amc.workflow';

create view workflow_executions with (security_invoker = true) as
select o.id, o.execution_id, b.workflow_id, o.batch_id as batch_execution_id, o.target_id as target_instance_id,
       true as is_batch_member, case o.status when 'skipped' then 'completed' else o.status end as status,
       r.columns as result_columns, null::jsonb as result_rows, o.row_count, o.error ->> 'message' as error_message,
       o.started_at, o.finished_at as completed_at, o.created_at,
       extract(epoch from o.finished_at - o.started_at)::double precision as duration_seconds
  from operations o join batches b on b.id = o.batch_id left join result_sets r on r.operation_id = o.id
 where b.kind = 'amc.workflow';

create view batch_execution_summary with (security_invoker = true) as
select b.id, b.batch_id, b.workflow_id, b.name, b.status, b.user_id, b.total_instances,
       count(w.id) as total_executions,
       count(*) filter (where w.status = 'completed') as completed_executions,
       count(*) filter (where w.status = 'failed') as failed_executions,
       count(*) filter (where w.status = 'running') as running_executions,
       count(*) filter (where w.status = 'pending') as pending_executions,
       avg(w.duration_seconds) as avg_duration_seconds, coalesce(sum(w.row_count), 0)::bigint as total_rows,
       min(w.started_at) as first_started_at, max(w.completed_at) as last_completed_at
  from batch_executions b left join workflow_executions w on w.batch_execution_id = b.id
 group by b.id, b.batch_id, b.workflow_id, b.name, b.status, b.user_id, b.total_instances;

grant select on batch_executions, workflow_executions, batch_execution_summary to fanfold_api, fanfold_worker;
