-- What somebody does to a whole batch stands in its timeline, with who did it; null: Fanfold itself.

create function tell_control() returns trigger language plpgsql security definer set search_path from current as $$
declare
    name text := case
        when old.cancel_requested_at is null and new.cancel_requested_at is not null then 'batch.cancelling'
        when old.stopped_at is null and new.stopped_at is not null then 'batch.stopped'
        when old.sealed_at is null and new.sealed_at is not null then 'batch.started'
        when old.paused_at is null and new.paused_at is not null then 'batch.paused'
        when old.paused_at is not null and new.paused_at is null then 'batch.resumed'
        when old.wave <> new.wave then 'batch.wave_opened'
        else 'batch.changed' end;
    before jsonb := to_jsonb(old);
    after jsonb := to_jsonb(new);
begin
    insert into events (batch_id, user_id, name, detail)
    select new.id, new.user_id, name, jsonb_build_object('actor', acting_user(), 'changes', coalesce(
           (select jsonb_object_agg(key, jsonb_build_array(before -> key, value)) from jsonb_each(after)
             where value is distinct from before -> key
               and key in ('max_parallel', 'priority', 'tolerated_count', 'tolerated_percent', 'strict_budget',
                           'stop_on_error', 'quiet_hours', 'timeout_ms', 'pause_mode', 'pause_reason', 'resume_at',
                           'cancel_reason', 'stop_reason', 'wave', 'name', 'description', 'tags')), '{}'));
    perform pg_notify('fanfold_changed', new.id::text), pg_notify('fanfold_work', 'lead');
    return null;
end $$;

create trigger batches_controlled after update on batches for each row
    when ((old.max_parallel, old.priority, old.tolerated_count, old.tolerated_percent, old.strict_budget,
           old.stop_on_error, old.quiet_hours, old.timeout_ms, old.pause_mode, old.pause_reason, old.resume_at,
           old.cancel_requested_at, old.stopped_at, old.sealed_at, old.wave, old.name, old.description, old.tags)
          is distinct from
          (new.max_parallel, new.priority, new.tolerated_count, new.tolerated_percent, new.strict_budget,
           new.stop_on_error, new.quiet_hours, new.timeout_ms, new.pause_mode, new.pause_reason, new.resume_at,
           new.cancel_requested_at, new.stopped_at, new.sealed_at, new.wave, new.name, new.description, new.tags))
    execute function tell_control();

-- The views of 0007 again, over the new status.

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
