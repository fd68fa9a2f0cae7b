-- Reads one batch by its public id or its uuid.
select * from batches where batch_id = :reference or id = :id
