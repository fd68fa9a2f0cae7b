-- Reads what does not change while batches run.
select id, batch_id, kind, user_id, definition, base_parameters, backoff_base_ms, attempt_timeout_ms,
       operation_timeout_ms
  from batches where id = any(:ids::uuid[])
