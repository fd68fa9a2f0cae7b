-- Sends ended operations back to the queue with a fresh allowance of attempts; their attempts stay as history.
update operations set status = 'pending', reason = null, due_at = null, error = null, error_fingerprint = null,
       summary = null, started_at = null, finished_at = null, attempts_allowed = attempt_count + :max_attempts
 where batch_id = :batch_id and id = any(:ids::uuid[]) and status in ('failed', 'cancelled', 'skipped')
