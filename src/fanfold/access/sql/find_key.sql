-- What is known of a claimed key.
select request_hash, status_code, response from idempotency_keys where user_id = acting_user() and key = :key;
