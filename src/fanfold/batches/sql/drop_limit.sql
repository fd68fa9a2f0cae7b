-- Forgets a limit that belonged to one batch alone.
delete from limits where key = :key
