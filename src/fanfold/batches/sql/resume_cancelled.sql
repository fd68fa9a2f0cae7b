-- Takes back what ended or stopped a batch, so that a retry can run; what failed before no longer counts.
update batches set cancel_requested_at = null, cancel_reason = null, stopped_at = null, stop_reason = null,
       forgiven_count = failed_count, timed_from = moment(), updated_at = moment() where id = :id
