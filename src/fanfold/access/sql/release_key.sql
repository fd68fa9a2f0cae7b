-- Gives back a key whose request changed nothing.
delete from idempotency_keys
 where user_id = acting_user() and key = :key and claim = :claim and status_code is null and batch_id is null;
