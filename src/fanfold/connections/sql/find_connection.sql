-- One connection of the acting user.
select id, connector, name, config, secret_id, created_at, updated_at from connections where id = :id;
