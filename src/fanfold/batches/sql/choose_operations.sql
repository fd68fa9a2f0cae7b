-- Chooses which ended operations of a batch run again; what a condition left out counts as done unless it is named.
select o.id from operations o
 where o.batch_id = :batch_id and o.status in ('failed', 'cancelled', 'skipped')
   and (o.status = any(:states::text[]) or o.reason = any(:reasons::text[])
        or o.reason is distinct from 'condition' and (:remainder::boolean or :unstarted::boolean and o.attempt_count = 0))
   and (:fingerprints::text[] is null or o.error_fingerprint = any(:fingerprints::text[]))
   and (:operation_ids::uuid[] is null or o.id = any(:operation_ids::uuid[]))
   and (:q::text is null or strpos(lower(coalesce(o.target ->> 'name', '') || ' ' || o.item_key), lower(:q)) > 0)
 order by o.ordinal
