-- Adds a sealed batch; its operations follow by COPY in the same transaction.
insert into batches (id, batch_id, user_id, kind, workflow_id, name, description, tags, definition, selection,
                     base_parameters, overrides, priority, max_parallel, max_attempts, backoff_base_ms,
                     attempt_timeout_ms, operation_timeout_ms, sealed_at)
values (:id, :batch_id, :user_id, :kind, :workflow_id, :name, :description, :tags, :definition, :selection,
        :base_parameters, :overrides, :priority, :max_parallel, :max_attempts, :backoff_base_ms,
        :attempt_timeout_ms, :operation_timeout_ms, moment())
on conflict (batch_id) do nothing
returning id
