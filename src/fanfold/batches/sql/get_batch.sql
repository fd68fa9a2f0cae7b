-- Reads one batch as it is shown: without its definition and its frozen selection, which may be megabytes.
select b.id, b.batch_id, b.user_id, b.kind, b.name, b.description, b.tags, b.status, b.max_parallel, b.total_count,
       b.pending_count, b.running_count, b.completed_count, b.failed_count, b.skipped_count, b.cancelled_count,
       b.row_count, b.cancel_reason, b.created_at, b.updated_at, b.started_at, b.finished_at, b.workflow_id,
       w.key as workflow_key, w.name as workflow_name, w.description as workflow_description,
       u.username as created_by
  from batches b
  left join workflows w on w.id = b.workflow_id
  left join users u on u.id = b.user_id
 where b.id = coalesce(:id::uuid, (select named.id from batches named where named.batch_id = :reference))
