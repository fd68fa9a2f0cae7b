-- What surrounds an operation: shared limits, result sets, the timeline.

create table limits (
    key text primary key,
    max_running integer not null check (max_running > 0),
    blocked_until timestamptz
);
-- What is in use now; written by the operations trigger alone.
create table limit_usage (
    key text primary key,
    running_count integer not null default 0 check (running_count >= 0)
) with (fillfactor = 50);

create table result_sets (
    id uuid primary key,
    batch_id uuid not null references batches on delete cascade,
    operation_id uuid not null unique references operations on delete cascade,
    user_id uuid not null,
    parts jsonb not null,
    columns jsonb not null,
    row_count bigint not null,
    byte_count bigint not null,
    created_at timestamptz not null default moment()
);
create index result_sets_batch on result_sets (batch_id);

create table events (
    id bigint generated always as identity primary key,
    batch_id uuid not null references batches on delete cascade,
    user_id uuid not null,
    name text not null,
    operation_ids uuid[] not null default '{}',
    detail jsonb,
    at timestamptz not null default moment()
);
create index events_of_batch on events (batch_id, id);
