-- Replaces what a connection says; a worker sees by updated_at that it must open it again.
update connections
   set name = :name, config = :config, secret_id = :secret_id,
       updated_at = greatest(moment(), updated_at + interval '1 microsecond')
 where id = :id
returning id, connector, name, config, secret_id, created_at, updated_at;
