-- Reads chosen operations of a batch, e.g. those that changed.
select * from operations where id = any(:ids::uuid[]) and batch_id = :batch_id order by ordinal
