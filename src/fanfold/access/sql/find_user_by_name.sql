-- The user of a name with the stored hash; runs as the service, before anybody is known.
select id, username, display_name, role, password_hash from users where username = :username and disabled_at is null;
