-- Removes a batch that has ended, with all that belongs to it.
delete from batches where id = :id and status in ('completed', 'partial', 'failed', 'cancelled')
returning id
