-- What workers use of their machines; and what progress and the live streams read, whatever the size of a batch.

alter table workers
    add column cpu_percent real check (cpu_percent >= 0),
    add column memory_bytes bigint check (memory_bytes >= 0),
    add column loop_lag_ms real check (loop_lag_ms >= 0);
comment on column workers.cpu_percent is 'since the last heartbeat, with its helper processes; 100 is one core';
comment on column workers.loop_lag_ms is 'by how much its event loop was late at worst since the last heartbeat';

-- What of a batch is at work, and which of it began first and last.
create index operations_running on operations (batch_id, started_at) where status = 'running';
-- What of a batch waits for its next attempt, and until when.
create index operations_retrying on operations (batch_id, due_at) where status = 'pending' and due_at is not null;
-- A user's batches that go on or ended lately. The time of the end changes with the last operation alone.
create index batches_live on batches (user_id, finished_at);

-- Streams hear of a batch when it is submitted and when it is deleted, not only when its operations move.
create function tell_existence() returns trigger language plpgsql security definer set search_path from current as $$
begin
    perform pg_notify('fanfold_changed', coalesce(new.id, old.id)::text);
    return null;
end $$;
create trigger batches_come_and_go after insert or delete on batches for each row execute function tell_existence();
