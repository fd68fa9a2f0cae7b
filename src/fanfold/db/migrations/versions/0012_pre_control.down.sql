-- Undoes 0012.

drop trigger batches_controlled on batches;
drop function tell_control();
drop view batch_execution_summary, workflow_executions, batch_executions;
