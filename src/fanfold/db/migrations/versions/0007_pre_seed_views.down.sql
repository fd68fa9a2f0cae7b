-- Undoes 0007.

drop view batch_execution_summary, workflow_executions, batch_executions;
