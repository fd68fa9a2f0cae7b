-- Reads a page of the acting user's batches; the reader adds one of its orders.
select b.id, b.batch_id, b.user_id, b.kind, b.name, b.description, b.tags, b.status, b.max_parallel, b.total_count,
       b.pending_count, b.running_count, b.completed_count, b.failed_count, b.skipped_count, b.cancelled_count,
       b.row_count, b.cancel_reason, b.created_at, b.updated_at, b.started_at, b.finished_at, b.workflow_id,
       (select array[w.key, w.name, w.description] from workflows w where w.id = b.workflow_id) as workflow,
       (select u.username from users u where u.id = b.user_id) as created_by
  from batches b
 where b.user_id = :user_id
   and (:status::text[] is null or b.status = any(:status::text[]))
   and (:kind::text is null or b.kind = :kind)
   and (:workflow_id::uuid is null or b.workflow_id = :workflow_id)
   and (:q::text is null or strpos(lower(b.name || ' ' || b.batch_id), lower(:q)) > 0)
   and b.created_at <= :before_at
   and (b.created_at < :before_at or b.id > :before_id)
