-- Forgets a key that nothing unfinished holds; the next declaration makes it anew.
delete from limits where key = :key
returning pg_notify('fanfold_work', '')
