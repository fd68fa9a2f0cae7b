-- Reads what happened in a batch after an event; of a very wide event only the first operations.
select id, name, operation_ids[1:201] as operation_ids
  from events where batch_id = :batch_id and id > :after order by id limit :limit
