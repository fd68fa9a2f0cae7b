-- Notes that the user wants the batch to stop; whatever runs is told by the worker that holds it.
update batches set cancel_requested_at = moment(), cancel_reason = :reason, paused_at = null, pause_mode = null,
       pause_reason = null, resume_at = null, updated_at = moment(),
       finished_at = case when total_count = 0 then moment() end
 where id = :id and status in ('pending', 'queued', 'running', 'paused')
returning pg_notify('fanfold_cancel', id::text)
