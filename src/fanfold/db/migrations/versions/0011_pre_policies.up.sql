-- What a user may ask of a batch: pauses, a failure budget, timeouts, waves, an order, quiet hours, a predecessor.

-- A statement's own time and not its transaction's: a claim that waited for its turn must not count in the past.
create or replace function moment() returns timestamptz language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('fanfold.moment', true), '')::timestamptz, statement_timestamp()) $$;

alter table batches
    add column pause_mode text check (pause_mode in ('drain', 'freeze')),
    add column pause_reason text,
    add column resume_at timestamptz,
    add column stopped_at timestamptz,
    add column stop_reason text check (stop_reason in ('stop_on_error', 'budget', 'timeout', 'condition')),
    add column stop_on_error boolean not null default false,
    add column tolerated_count integer check (tolerated_count >= 0),
    add column tolerated_percent double precision check (tolerated_percent between 0 and 100),
    add column strict_budget boolean not null default false,
    add column forgiven_count integer not null default 0,
    add column timeout_ms bigint check (timeout_ms > 0),
    add column timed_from timestamptz,
    add column ordering text not null default 'parallel' check (ordering in ('parallel', 'sequential')),
    add column wave_ends integer[] not null default '{}',
    add column wave integer not null default 1,
    add column wave_tolerated integer not null default 0 check (wave_tolerated >= 0),
    add column lock_mode text check (lock_mode in ('shared', 'exclusive')),
    add column quiet_hours jsonb,
    add column after_id uuid references batches on delete set null,
    add column after_status text check (after_status in ('completed', 'finished')),
    add column claimed_at timestamptz,
    add column common_keys text[] not null default '{}',
    add constraint paused_has_mode check ((paused_at is not null) = (pause_mode is not null)),
    add constraint stopped_has_reason check ((stopped_at is not null) = (stop_reason is not null)),
    add constraint after_has_status check (after_id is null or after_status is not null);
create index batches_after on batches (after_id) where after_id is not null;
comment on column batches.wave is 'which of wave_ends is open; past the last all operations are';
comment on column batches.forgiven_count is 'failures of before the last retry, which no longer count against the budget';
comment on column batches.timed_from is 'from when its timeout counts: its start or last retry, later by every pause';
comment on column batches.common_keys is 'limit keys that every one of its operations holds';
comment on column batches.claimed_at is 'when it last got a slot: what waits for one grows more urgent';

alter table operations
    add column limit_weights integer[],
    add column extended_ms bigint not null default 0;
comment on column operations.limit_weights is 'units per limit key; null: one of each';
comment on column operations.extended_ms is 'time it was frozen, which no timeout counts';

update batches set timed_from = sealed_at;

-- How many failures a batch bears; null: any number.
create function failures_tolerated(stop_on_error boolean, tolerated integer, percent double precision, total integer)
returns integer language sql immutable parallel safe as $$
    select case when stop_on_error then 0 else least(tolerated, floor(total * percent / 100)::integer) end $$;

-- How many more it bears; null: any number.
create function failures_left(b batches) returns integer language sql immutable parallel safe as $$
    select failures_tolerated(b.stop_on_error, b.tolerated_count, b.tolerated_percent, b.total_count)
           - b.failed_count + b.forgiven_count $$;

-- What was skipped because the batch stopped is no success; what a condition skipped is.
create function batch_status(sealed boolean, paused boolean, cancelling boolean, stopped boolean, total integer,
    pending integer, running integer, completed integer, failed integer, skipped integer, cancelled integer)
returns text language sql immutable parallel safe as $$
    select case
        when not stopped or pending + running > 0 or cancelled > 0
            then batch_status(sealed, paused, cancelling, total, pending, running, completed, failed, skipped, cancelled)
        when completed > 0 then 'partial'
        else 'failed' end $$;

drop view batch_execution_summary, workflow_executions, batch_executions;
alter table batches drop column status;
alter table batches add column status text not null generated always as (batch_status(sealed_at is not null,
    paused_at is not null, cancel_requested_at is not null, stopped_at is not null, total_count, pending_count,
    running_count, completed_count, failed_count, skipped_count, cancelled_count)) stored;
create index idx_batch_executions_status on batches (status);
