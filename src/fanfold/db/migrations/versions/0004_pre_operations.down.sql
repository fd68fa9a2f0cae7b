-- Undoes 0004.

drop table attempts, workers, operations;
