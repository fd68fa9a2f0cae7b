-- Finds which of the given ids belong to no operation of a batch.
select given.id from unnest(:operation_ids::uuid[]) given(id)
 where not exists (select from operations o where o.id = given.id and o.batch_id = :batch_id)
