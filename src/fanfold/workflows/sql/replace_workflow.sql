-- Replaces what a workflow says and counts its version up.
update workflows
   set key = :key, name = :name, description = :description, sql_query = :sql_query, parameters = :parameters,
       aggregate = coalesce(:aggregate, aggregate), tags = :tags, version = version + 1, updated_at = moment()
 where id = :id;
