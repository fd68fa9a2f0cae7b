-- How each instance stood when a workflow was last saved there or compared, by name.
select distinct on (o.target ->> 'name', o.item_key)
       o.item_key, o.target_id, o.target ->> 'name' as target_name, o.status, o.summary, o.error, o.finished_at,
       b.batch_id
  from batches b
  join operations o on o.batch_id = b.id
 where b.workflow_id = :workflow_id and b.kind = :kind
 order by o.target ->> 'name', o.item_key, b.created_at desc, b.id desc
