-- Reads what the attempts at an operation asked of remote sides, in the order in which they asked.
select a.number as attempt, c.number, c.at, c.step, c.method, c.path, c.status, c.duration_ms, c.request_id, c.error
  from attempts a join attempt_calls c on c.attempt_id = a.id
 where a.operation_id = :operation_id order by a.number, c.number
