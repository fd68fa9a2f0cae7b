-- Marks a request unless as many as allowed are marked; returns the mark, or else how long until the oldest counts no more.
with recent as (
    select count(*) as n, min(at) as oldest from rate_marks where user_id = acting_user() and key = :key
), marked as (
    insert into rate_marks (user_id, key)
    select acting_user(), :key from recent where n < :allowed
    returning id
)
select (select id from marked) as mark, oldest + :window::interval - moment() as wait from recent;
