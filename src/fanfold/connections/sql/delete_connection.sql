-- Removes a connection.
delete from connections where id = :id;
