-- A batch's completed operations whose rows AMC may still have: those named, or those whose rows are gone.
select o.*, o.summary ->> 'execution_id' as remote_id
  from operations o
 where o.batch_id = :batch_id and o.status = 'completed' and o.summary ->> 'execution_id' is not null
   and case when cast(:operation_ids as uuid[]) is not null then o.id = any(:operation_ids::uuid[])
            else o.id = any(:lost_ids::uuid[])
                 or (o.row_count > 0 and not exists (select from result_sets r where r.operation_id = o.id)) end
 order by o.ordinal
