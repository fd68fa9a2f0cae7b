-- The aggregation that the workflow of a batch had when it was submitted.
select definition ->> 'aggregate' from batches where id = :batch_id;
