-- Reads the attempts at an operation, the first one first.
select a.number, a.state, a.remote_ref, a.input, a.error, a.started_at, a.finished_at, w.name as worker
  from attempts a left join workers w on w.id = a.worker_id
 where a.operation_id = :operation_id order by a.number
