-- Adds a user; returns nothing when the name is taken.
insert into users (id, username, display_name, role, password_hash, created_at)
values (:id, :username, :display_name, :role, :password_hash, moment())
on conflict (username) do nothing
returning id, username, display_name, role;
