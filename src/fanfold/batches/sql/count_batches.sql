-- Counts the acting user's batches that a filter lets through.
select count(*) as total from batches b
 where b.user_id = :user_id
   and (:status::text[] is null or b.status = any(:status::text[]))
   and (:kind::text is null or b.kind = :kind)
   and (:workflow_id::uuid is null or b.workflow_id = :workflow_id)
   and (:q::text is null or strpos(lower(b.name || ' ' || b.batch_id), lower(:q)) > 0)
