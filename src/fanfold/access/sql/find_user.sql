-- The user of an id, unless disabled.
select id, username, display_name, role from users where id = :id and disabled_at is null;
