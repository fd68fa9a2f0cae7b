-- Takes back 0021.

alter table idempotency_keys drop column claim, drop column claimed_at, drop column batch_id;
