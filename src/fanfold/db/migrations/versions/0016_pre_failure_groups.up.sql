-- Failures by cause: in one batch in its order, and over all batches of a user by time. Only failures pay for it.

create index operations_failures on operations (batch_id, error_fingerprint, ordinal) where status = 'failed';
create index operations_failures_of_user on operations (user_id, finished_at) where status = 'failed';
