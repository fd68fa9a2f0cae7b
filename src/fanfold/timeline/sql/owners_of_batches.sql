-- Reads whose these batches are.
select id, user_id from batches where id = any(:ids::uuid[])
