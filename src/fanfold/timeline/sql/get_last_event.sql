-- Reads the id of a batch's last event, 0 before its first.
select coalesce(max(id), 0) from events where batch_id = :batch_id
