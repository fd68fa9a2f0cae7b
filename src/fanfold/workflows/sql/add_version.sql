-- Keeps what a workflow says now as one of its versions.
insert into workflow_versions (workflow_id, version, sql_query, parameters, aggregate, created_at)
select id, version, sql_query, parameters, aggregate, moment() from workflows where id = :workflow_id;
