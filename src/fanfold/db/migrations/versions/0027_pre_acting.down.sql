-- Takes back 0027.
drop function act_for(uuid);
