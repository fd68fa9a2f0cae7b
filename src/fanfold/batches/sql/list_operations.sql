-- Reads a page of a batch's operations; the reader adds one of its orders.
select o.* from operations o
 where o.batch_id = :batch_id
   and o.ordinal > :after_ordinal
   and (:status::text[] is null or o.status = any(:status::text[]))
   and (:reasons::text[] is null or o.reason = any(:reasons::text[]))
   and (:fingerprints::text[] is null or o.error_fingerprint = any(:fingerprints::text[]))
   and (:waiting::text[] is null or case when o.status = 'running' and o.due_at is not null then 'remote'
        when o.status = 'pending' then case when o.due_at is null then 'slot' else 'retry' end end = any(:waiting::text[]))
   and (:q::text is null or strpos(lower(coalesce(o.target ->> 'name', '') || ' ' || o.item_key), lower(:q)) > 0)
