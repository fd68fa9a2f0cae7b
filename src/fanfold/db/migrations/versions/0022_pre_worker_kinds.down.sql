-- Takes back 0022.

alter table workers drop column kinds;
