-- Drops the acting user's keys of yesterday.
delete from idempotency_keys where user_id = acting_user() and created_at <= moment() - interval '24 hours';
