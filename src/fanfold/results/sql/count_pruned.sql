-- How many completed operations of a batch had rows and have no result set any more.
select count(*)
  from operations o
 where o.batch_id = :batch_id and o.status = 'completed' and o.row_count > 0
   and not exists (select from result_sets r where r.operation_id = o.id)
