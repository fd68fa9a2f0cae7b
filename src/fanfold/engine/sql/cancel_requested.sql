-- Tells which of these batches the user has cancelled.
select id from batches where id = any(:ids::uuid[]) and cancel_requested_at is not null
