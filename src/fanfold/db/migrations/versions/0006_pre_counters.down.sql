-- Undoes 0006: the counters stop following the operations.

drop trigger operations_deleted on operations;
drop trigger update_batch_status_on_execution_change on operations;
drop trigger operations_added on operations;
drop function release_deleted();
drop function count_changed();
drop function use_limits(text[], integer[]);
drop function count_added();
