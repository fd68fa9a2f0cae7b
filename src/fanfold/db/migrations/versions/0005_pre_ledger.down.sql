-- Undoes 0005.

drop table events, result_sets, limit_usage, limits;
