-- All versions of a workflow, the newest first.
select version, sql_query, parameters, aggregate, created_at from workflow_versions
 where workflow_id = :workflow_id order by version desc;
