-- Changes how a batch runs, for what has not begun; a budget that is spent by now stops it.
update batches b set name = :name, description = :description, tags = :tags, max_parallel = :max_parallel,
       priority = :priority, stop_on_error = :stop_on_error, tolerated_count = :tolerated_count,
       tolerated_percent = :tolerated_percent, strict_budget = :strict_budget, timeout_ms = :timeout_ms,
       quiet_hours = :quiet_hours, updated_at = moment(),
       stopped_at = coalesce(stopped_at, spent.at),
       stop_reason = coalesce(stop_reason, case when spent.at is null then null
                                                when :stop_on_error then 'stop_on_error' else 'budget' end)
  from (select case when failed_count - forgiven_count > failures_tolerated(:stop_on_error, :tolerated_count,
               :tolerated_percent, total_count) and pending_count > 0 then moment() end at
          from batches where id = :id) spent
 where b.id = :id
