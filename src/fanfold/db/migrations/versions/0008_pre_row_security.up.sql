-- Nobody sees or touches what is not theirs: row-level security for the API's role, all rows for the worker's.
-- The roles belong to the whole server; `fanfold migrate` makes them before this runs.

grant usage on schema fanfold to fanfold_api, fanfold_worker;
grant select, insert, update, delete on all tables in schema fanfold to fanfold_api, fanfold_worker;
grant usage on all sequences in schema fanfold to fanfold_api, fanfold_worker;
revoke insert, update, delete on limits, limit_usage, events, workers, attempts, result_sets from fanfold_api;
revoke update, delete on audit from fanfold_api, fanfold_worker;
revoke all on secrets from fanfold_api;
grant insert, delete, select (id, user_id, purpose, created_at) on secrets to fanfold_api;

do $$
declare
    owned text;
begin
    foreach owned in array array['secrets', 'connections', 'amc_instances', 'workflows', 'batches', 'operations',
                                 'result_sets', 'events', 'idempotency_keys'] loop
        execute format('alter table %I enable row level security', owned);
        execute format('create policy %I on %I to fanfold_api using (user_id = acting_user())
                        with check (user_id = acting_user())', owned || '_of_their_user', owned);
        execute format('create policy %I on %I to fanfold_worker using (true) with check (true)',
                       owned || '_for_the_service', owned);
    end loop;
end $$;

alter table users enable row level security;
create policy users_themselves on users for select to fanfold_api using (id = acting_user());
create policy users_for_the_service on users to fanfold_worker using (true) with check (true);

alter table sign_in_links enable row level security;
create policy sign_in_links_for_the_service on sign_in_links to fanfold_worker using (true) with check (true);

alter table audit enable row level security;
create policy audit_of_their_user on audit to fanfold_api using (user_id = acting_user())
    with check (user_id = acting_user());
create policy audit_for_the_service on audit to fanfold_worker using (true) with check (true);

alter table workflow_versions enable row level security;
create policy workflow_versions_of_their_user on workflow_versions to fanfold_api
    using (exists (select from workflows w where w.id = workflow_id));
create policy workflow_versions_for_the_service on workflow_versions to fanfold_worker using (true) with check (true);

alter table attempts enable row level security;
create policy attempts_of_their_user on attempts for select to fanfold_api
    using (exists (select from operations o where o.id = operation_id));
create policy attempts_for_the_service on attempts to fanfold_worker using (true) with check (true);
