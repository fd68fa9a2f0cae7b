-- Stores a kind's state, and the remote side's id, while its attempt is still the caller's.
with held as (
    select o.id from operations o join attempts a on a.id = o.attempt_id
     where o.id = :operation_id and o.status = 'running' and a.id = :attempt_id and a.state = 'running'
       and a.lease_token = :lease_token
       for no key update of o, a
), known as (
    update attempts set remote_ref = coalesce(:remote_ref::text, remote_ref)
     where id = :attempt_id and exists (select from held) and :remote_ref::text is not null
)
update operations o set state = :state from held where o.id = held.id
returning o.id
