-- A page of the acting user's workflows with their newest batches, the last edited first.
select w.id, w.key, w.name, w.description, w.version, w.sql_query, w.parameters, w.aggregate, w.tags, w.origin,
       w.created_at, w.updated_at, b.batch_id, b.status as batch_status, b.created_at as batch_created_at
  from (select * from workflows
         where lower(key || E'\n' || name || E'\n' || description || E'\n' || lines(tags)) like all (:words::text[])
         order by updated_at desc, id limit :limit offset :offset) w
  left join lateral (select batch_id, status, created_at from batches
                      where workflow_id = w.id and kind = 'amc.workflow' order by created_at desc limit 1) b on true
 order by w.updated_at desc, w.id;
