-- One owner for what belongs together, a rate of submissions, and what the search over instances reads.

-- A foreign key is checked past row-level security; with the owner in it, nobody can point at another's row.
alter table secrets add constraint secrets_owner unique (id, user_id);
alter table connections add constraint connections_owner unique (id, user_id);
alter table workflows add constraint workflows_owner unique (id, user_id);

alter table connections drop constraint connections_secret_id_fkey,
    add constraint connections_secret_of_owner foreign key (secret_id, user_id)
        references secrets (id, user_id) on delete set null (secret_id);
-- No action instead of restrict: it is checked after the cascade that removes a user with all that is theirs.
alter table amc_instances drop constraint amc_instances_connection_id_fkey,
    add constraint amc_instances_connection_of_owner foreign key (connection_id, user_id)
        references connections (id, user_id);
-- A batch carries what it runs, so it outlives its workflow.
alter table batches drop constraint batches_workflow_id_fkey,
    add constraint batches_workflow_of_owner foreign key (workflow_id, user_id)
        references workflows (id, user_id) on delete set null (workflow_id);
create index batches_latest_of_workflow on batches (workflow_id, created_at desc) where workflow_id is not null;
create index amc_instances_of_connection on amc_instances (connection_id);

alter table idempotency_keys add constraint idempotency_keys_owner
    foreign key (user_id) references users on delete cascade;

-- The API reads who a user is, never the hash, and changes users only as the service.
revoke all on users, sign_in_links from fanfold_api;
grant select (id, username, display_name, role, disabled_at, created_at) on users to fanfold_api;

-- One row per request that counts against a rate; counted and written under a lock per user, so the rate is exact.
create table rate_marks (
    id bigint generated always as identity primary key,
    user_id uuid not null references users on delete cascade,
    key text not null,
    at timestamptz not null default moment()
);
create index rate_marks_recent on rate_marks (user_id, key, at);
grant select, insert, delete on rate_marks to fanfold_api, fanfold_worker;
alter table rate_marks enable row level security;
create policy rate_marks_of_their_user on rate_marks to fanfold_api using (user_id = acting_user())
    with check (user_id = acting_user());
create policy rate_marks_for_the_service on rate_marks to fanfold_worker using (true) with check (true);

-- array_to_string is only stable because of types whose output depends on settings; for text it never changes.
create function lines(text[]) returns text language sql immutable parallel safe as
$$ select array_to_string($1, E'\n') $$;
alter table amc_instances add column search_text text not null generated always as (lower(
    name || E'\n' || instance_id || E'\n' || account_name || E'\n' || account_id || E'\n' || lines(brands))) stored;

-- As a sub-select the actor is asked for once per statement and not once per row: half the time of a wide search.
do $$
declare
    rule record;
begin
    for rule in select policyname, tablename from pg_policies
                 where schemaname = 'fanfold' and qual = '(user_id = acting_user())' loop
        execute format('alter policy %I on %I using (user_id = (select acting_user()))
                        with check (user_id = (select acting_user()))', rule.policyname, rule.tablename);
    end loop;
end $$;
