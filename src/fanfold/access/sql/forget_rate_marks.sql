-- Drops the acting user's marks that count no more.
delete from rate_marks where user_id = acting_user() and key = :key and at <= moment() - :window::interval;
