-- A batch: what was asked, its policies and flags, its counters, and the status that follows from them.

create function generate_batch_id() returns text language sql volatile as
$$ select 'batch_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 8) $$;

-- The one place where a batch's status comes from.
create function batch_status(sealed boolean, paused boolean, cancelling boolean, total integer, pending integer,
    running integer, completed integer, failed integer, skipped integer, cancelled integer)
returns text language sql immutable parallel safe as $$
    select case
        when not sealed and not cancelling then 'pending'
        when pending + running > 0 then case
            when cancelling then 'cancelling'
            when paused then 'paused'
            when running + completed + failed + skipped + cancelled > 0 then 'running'
            else 'queued' end
        when cancelled > 0 or (cancelling and total = 0) then 'cancelled'
        when failed = 0 then 'completed'
        when completed + skipped > 0 then 'partial'
        else 'failed' end $$;

create table batches (
    id uuid primary key,
    batch_id text not null,
    user_id uuid not null references users on delete cascade,
    kind text not null,
    workflow_id uuid references workflows on delete cascade,
    name text not null,
    description text not null default '',
    tags text[] not null default '{}',
    definition jsonb not null default '{}',
    selection jsonb not null default '[]',
    base_parameters jsonb not null default '{}',
    overrides jsonb not null default '{}',
    priority smallint not null default 0,
    max_parallel integer not null default 5 check (max_parallel > 0),
    max_attempts integer not null default 3 check (max_attempts > 0),
    backoff_base_ms integer not null default 2000 check (backoff_base_ms >= 0),
    attempt_timeout_ms bigint not null default 1800000 check (attempt_timeout_ms > 0),
    operation_timeout_ms bigint not null default 1800000 check (operation_timeout_ms > 0),
    sealed_at timestamptz,
    paused_at timestamptz,
    cancel_requested_at timestamptz,
    cancel_reason text,
    total_count integer not null default 0,
    pending_count integer not null default 0 check (pending_count >= 0),
    running_count integer not null default 0 check (running_count >= 0),
    completed_count integer not null default 0 check (completed_count >= 0),
    failed_count integer not null default 0 check (failed_count >= 0),
    skipped_count integer not null default 0 check (skipped_count >= 0),
    cancelled_count integer not null default 0 check (cancelled_count >= 0),
    row_count bigint not null default 0,
    status text not null generated always as (batch_status(sealed_at is not null, paused_at is not null,
        cancel_requested_at is not null, total_count, pending_count, running_count, completed_count, failed_count,
        skipped_count, cancelled_count)) stored,
    created_at timestamptz not null default moment(),
    updated_at timestamptz not null default moment(),
    started_at timestamptz,
    finished_at timestamptz,
    constraint counters_sum check (total_count = pending_count + running_count + completed_count + failed_count
        + skipped_count + cancelled_count),
    constraint parallel_holds check (running_count <= total_count)
) with (fillfactor = 50);
create unique index idx_batch_executions_batch_id on batches (batch_id);
create index idx_batch_executions_workflow_id on batches (workflow_id);
create index idx_batch_executions_status on batches (status);
create index idx_batch_executions_user_id on batches (user_id, created_at desc, id);
