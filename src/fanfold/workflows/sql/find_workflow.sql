-- The acting user's workflow of an id or a key, with its newest batch.
select w.id, w.key, w.name, w.description, w.version, w.sql_query, w.parameters, w.aggregate, w.tags, w.origin,
       w.created_at, w.updated_at, b.batch_id, b.status as batch_status, b.created_at as batch_created_at
  from workflows w
  left join lateral (select batch_id, status, created_at from batches
                      where workflow_id = w.id and kind = 'amc.workflow' order by created_at desc limit 1) b on true
 where w.id = :id::uuid or w.key = :key;
