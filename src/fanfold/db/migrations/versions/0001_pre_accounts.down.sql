-- Undoes 0001: drops accounts, secrets, connections, audit and the two functions.

drop table audit, idempotency_keys, connections, secrets, sign_in_links, users;
drop function acting_user();
drop function moment();
