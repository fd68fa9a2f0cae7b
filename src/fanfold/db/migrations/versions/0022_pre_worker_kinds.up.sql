-- Workers tell which kinds they know; one of an older version tells none and is taken to know all.

alter table workers add column kinds text[];
