-- A page of the acting user's connections by name.
select id, connector, name, config, secret_id, created_at, updated_at
  from connections order by lower(name), id limit :limit offset :offset;
