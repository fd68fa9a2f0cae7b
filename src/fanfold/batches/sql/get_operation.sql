-- Reads one operation with the parameters of its batch.
select o.*, b.base_parameters
  from operations o join batches b on b.id = o.batch_id
 where o.id = :id and o.batch_id = :batch_id
