-- Undoes 0009.

do $$
declare
    rule record;
begin
    for rule in select policyname, tablename from pg_policies
                 where schemaname = 'fanfold' and policyname like '%\_of\_their\_user' and qual like '(user_id = ( SELECT %' loop
        execute format('alter policy %I on %I using (user_id = acting_user()) with check (user_id = acting_user())',
                       rule.policyname, rule.tablename);
    end loop;
end $$;

alter table amc_instances drop column search_text;
drop function lines(text[]);
drop table rate_marks;
grant select, insert, update, delete on users, sign_in_links to fanfold_api;
alter table idempotency_keys drop constraint idempotency_keys_owner;
drop index amc_instances_of_connection;
drop index batches_latest_of_workflow;
alter table batches drop constraint batches_workflow_of_owner,
    add constraint batches_workflow_id_fkey foreign key (workflow_id) references workflows on delete cascade;
alter table amc_instances drop constraint amc_instances_connection_of_owner,
    add constraint amc_instances_connection_id_fkey foreign key (connection_id) references connections on delete restrict;
alter table connections drop constraint connections_secret_of_owner,
    add constraint connections_secret_id_fkey foreign key (secret_id) references secrets on delete set null;
alter table workflows drop constraint workflows_owner;
alter table connections drop constraint connections_owner;
alter table secrets drop constraint secrets_owner;
