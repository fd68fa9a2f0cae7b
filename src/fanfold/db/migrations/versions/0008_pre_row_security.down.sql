-- Undoes 0008: drops every policy, switches row-level security off and takes the grants back.

do $$
declare
    rule record;
begin
    for rule in select policyname, tablename from pg_policies where schemaname = 'fanfold' loop
        execute format('drop policy %I on fanfold.%I', rule.policyname, rule.tablename);
        execute format('alter table fanfold.%I disable row level security', rule.tablename);
    end loop;
end $$;
revoke all on all tables in schema fanfold from fanfold_api, fanfold_worker;
revoke all on all sequences in schema fanfold from fanfold_api, fanfold_worker;
revoke usage on schema fanfold from fanfold_api, fanfold_worker;
