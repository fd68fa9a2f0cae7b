-- Takes a remote run for an attempt unless another operation's attempt has it.
update attempts set remote_ref = :remote_ref
 where id = :attempt_id and state = 'running'
   and not exists (select from attempts other where other.remote_ref = :remote_ref and other.operation_id <> :operation_id)
returning id
