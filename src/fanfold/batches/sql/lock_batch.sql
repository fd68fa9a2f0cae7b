-- Reads one batch by its public id or its uuid, and holds it: first in the lock order.
select * from batches where batch_id = :reference or id = :id for no key update
