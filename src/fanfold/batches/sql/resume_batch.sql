-- Ends a pause; the batch's timeout does not count it.
update batches set timed_from = timed_from + (moment() - paused_at), paused_at = null, pause_mode = null,
       pause_reason = null, resume_at = null, updated_at = moment()
 where id = :id and paused_at is not null
