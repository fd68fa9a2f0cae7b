-- Takes back a cancel that has come to its end, so that a retry can run.
update batches set cancel_requested_at = null, cancel_reason = null, updated_at = moment() where id = :id
