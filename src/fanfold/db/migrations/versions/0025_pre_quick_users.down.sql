-- Takes back 0025.
drop function enabled_user(uuid);
