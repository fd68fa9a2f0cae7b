-- The result sets of a batch's completed operations, in the order of the batch.
select r.operation_id, o.execution_id, o.ordinal, o.item_key, o.target_id,
       coalesce(o.target ->> 'name', o.item_key) as target_name, r.parts, r.columns::text as columns,
       r.row_count, r.byte_count
  from result_sets r
  join operations o on o.id = r.operation_id
 where r.batch_id = :batch_id and o.status = 'completed'
 order by o.ordinal
