-- The tables of the seeds, as views for people who query by SQL; they show what row-level security lets the caller see.

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
