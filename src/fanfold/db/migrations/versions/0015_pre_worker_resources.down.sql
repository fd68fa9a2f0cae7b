-- Takes back what the file of the same name did.

drop trigger batches_come_and_go on batches;
drop function tell_existence();
drop index batches_live, operations_retrying, operations_running;
alter table workers drop column cpu_percent, drop column memory_bytes, drop column loop_lag_ms;
