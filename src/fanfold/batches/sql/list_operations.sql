-- Reads a page of a batch's operations; the reader adds one of its orders.
select o.* from operations o
 where o.batch_id = :batch_id
   and o.ordinal > :after_ordinal
   and (:status::text[] is null or o.status = any(:status::text[]))
   and (:q::text is null or strpos(lower(coalesce(o.target ->> 'name', '') || ' ' || o.item_key), lower(:q)) > 0)
