-- Takes back the mark of a request that was refused.
delete from rate_marks where id = :id and user_id = acting_user();
