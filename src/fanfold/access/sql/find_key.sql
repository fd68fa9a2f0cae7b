-- What is known of a claimed key, and how long ago its holder has claimed it.
select request_hash, status_code, response, moment() - claimed_at as held_for
  from idempotency_keys where user_id = acting_user() and key = :key;
