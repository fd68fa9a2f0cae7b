-- The API moves operations between states; it neither adds them nor puts them into another batch.
-- Without this a user could add an operation of their own to another's batch, and so change its counters.

revoke insert, update on operations from fanfold_api;
grant update (overrides, priority, status, reason, due_at, attempt_count, attempts_allowed, attempt_id, state, summary,
              row_count, error, error_fingerprint, started_at, finished_at) on operations to fanfold_api;
