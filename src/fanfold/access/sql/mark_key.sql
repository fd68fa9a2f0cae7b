-- Marks a key with the batch of the request that holds it; nothing when another request has taken it over.
update idempotency_keys set batch_id = :batch_id
 where user_id = acting_user() and key = :key and claim = :claim
returning key;
