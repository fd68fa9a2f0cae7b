-- Reads one batch as it is shown: without its definition and its frozen selection, which may be megabytes.
select b.id, b.batch_id, b.user_id, b.kind, b.name, b.description, b.tags, b.status, b.max_parallel, b.total_count,
       b.pending_count, b.running_count, b.completed_count, b.failed_count, b.skipped_count, b.cancelled_count,
       b.row_count, b.cancel_reason, b.created_at, b.updated_at, b.started_at, b.finished_at, b.workflow_id,
       (select array[w.key, w.name, w.description] from workflows w where w.id = b.workflow_id) as workflow,
       (select u.username from users u where u.id = b.user_id) as created_by
  from batches b
 where b.batch_id = :reference or b.id = :id
