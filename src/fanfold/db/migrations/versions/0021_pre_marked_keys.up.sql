-- An idempotency key names the request that holds it, and the batch that this request has made.

alter table idempotency_keys
    add column claim uuid not null default gen_random_uuid(),
    add column claimed_at timestamptz not null default moment(),
    add column batch_id uuid;
