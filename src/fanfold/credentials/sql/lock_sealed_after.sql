-- The next secrets in the order of their ids, locked until they are replaced.
select id, sealed from secrets where id > :id order by id limit :limit for update;
