-- Adds a batch, sealed unless it is a draft; its operations follow by COPY in the same transaction.
insert into batches (id, batch_id, user_id, kind, workflow_id, name, description, tags, definition, selection,
                     base_parameters, overrides, priority, max_parallel, max_attempts, backoff_base_ms,
                     attempt_timeout_ms, operation_timeout_ms, timeout_ms, stop_on_error, tolerated_count,
                     tolerated_percent, strict_budget, ordering, wave_ends, wave_tolerated, lock_mode, quiet_hours,
                     after_id, after_status, common_keys, sealed_at, timed_from)
values (:id, :batch_id, :user_id, :kind, :workflow_id, :name, :description, :tags, :definition, :selection,
        :base_parameters, :overrides, :priority, :max_parallel, :max_attempts, :backoff_base_ms,
        :attempt_timeout_ms, :operation_timeout_ms, :timeout_ms, :stop_on_error, :tolerated_count,
        :tolerated_percent, :strict_budget, :ordering, :wave_ends, :wave_tolerated, :lock_mode, :quiet_hours,
        :after_id, :after_status, :common_keys, case when not :draft::boolean then moment() end,
        case when not :draft::boolean then moment() end)
on conflict (batch_id) do nothing
returning id
