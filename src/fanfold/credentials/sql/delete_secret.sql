-- Removes a secret of the acting user.
delete from secrets where id = :id;
