-- Holds batches, first in the lock order, before the limits of their operations are changed.
select id from batches where id = any(:ids::uuid[]) order by id for no key update
