-- Counts a batch's operations that a search lets through; without one the batch's counters know.
select count(*) from operations o
 where o.batch_id = :batch_id
   and (:status::text[] is null or o.status = any(:status::text[]))
   and strpos(lower(coalesce(o.target ->> 'name', '') || ' ' || o.item_key), lower(:q)) > 0
