-- Reads a part of what a batch would do, in the order of its operations.
select id, ordinal, item_key, target_id, target, overrides, priority,
       case when status = 'skipped' then coalesce(summary ->> 'reason', '') end as skip_reason
  from operations where batch_id = :batch_id and ordinal >= :from_ordinal order by ordinal limit :limit;
