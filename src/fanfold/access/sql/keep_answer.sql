-- Stores the answer that later requests with this key get; the first one stays.
update idempotency_keys set status_code = :status_code, response = :response
 where user_id = acting_user() and key = :key and status_code is null;
