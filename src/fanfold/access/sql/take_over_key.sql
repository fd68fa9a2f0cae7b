-- Gives a key without an answer to another request: at once if a batch was made, else when its holder must be lost.
update idempotency_keys set claim = :claim, claimed_at = moment()
 where user_id = acting_user() and key = :key and request_hash = :request_hash and status_code is null
   and (batch_id is not null or claimed_at <= moment() - :patience::interval)
returning batch_id;
