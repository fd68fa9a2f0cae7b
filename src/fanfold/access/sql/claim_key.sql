-- Claims an Idempotency-Key for 24 hours; returns nothing when it is claimed already.
insert into idempotency_keys (user_id, key, request_hash, claim) values (acting_user(), :key, :request_hash, :claim)
on conflict (user_id, key) do update
   set request_hash = excluded.request_hash, claim = excluded.claim, response = null, status_code = null,
       batch_id = null, created_at = moment(), claimed_at = moment()
 where idempotency_keys.created_at <= moment() - interval '24 hours'
returning key;
