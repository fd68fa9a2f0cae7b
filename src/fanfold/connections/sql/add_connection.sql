-- Stores a connection of the acting user; returns nothing when the name is taken.
insert into connections (id, user_id, connector, name, config, secret_id, created_at, updated_at)
values (:id, acting_user(), :connector, :name, :config, :secret_id, moment(), moment())
on conflict (user_id, name) do nothing
returning id, connector, name, config, secret_id, created_at, updated_at;
