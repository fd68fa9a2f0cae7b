-- Takes the indexes of 0016 away.

drop index operations_failures_of_user, operations_failures;
