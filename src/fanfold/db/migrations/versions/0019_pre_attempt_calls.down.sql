-- Takes back 0019.

drop table attempt_calls;
