-- Undoes 0010.

revoke update (overrides, priority, status, reason, due_at, attempt_count, attempts_allowed, attempt_id, state, summary,
               row_count, error, error_fingerprint, started_at, finished_at) on operations from fanfold_api;
grant insert, update on operations to fanfold_api;
