-- Takes a remote run for an attempt unless another operation has it; an earlier attempt of the same one keeps it noted.
with mine as materialized (
    select id from attempts where id = :attempt_id and state = 'running'
), holder as materialized (
    select operation_id from attempts where remote_ref = :remote_ref
), taken as (
    update attempts a set remote_ref = :remote_ref
      from mine where a.id = mine.id and not exists (select from holder)
)
select mine.id from mine
 where not exists (select from holder where operation_id <> :operation_id)
