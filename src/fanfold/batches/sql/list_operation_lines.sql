-- Reads all operations of a batch in one line each.
select id, execution_id, target_id, item_key, target ->> 'name' as target_name,
       target -> 'attributes' ->> 'region' as region, status, row_count, error ->> 'message' as error_message,
       started_at, finished_at
  from operations where batch_id = :batch_id order by ordinal
