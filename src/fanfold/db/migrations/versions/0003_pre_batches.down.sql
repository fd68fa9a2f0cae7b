-- Undoes 0003.

drop table batches;
drop function batch_status(boolean, boolean, boolean, integer, integer, integer, integer, integer, integer, integer);
drop function generate_batch_id();
