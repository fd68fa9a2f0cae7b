-- Reads what happened to a batch as a whole before an event, the latest first, with the name of who did it.
select e.id, e.name, e.at, e.detail -> 'changes' as changes, u.username
  from events e left join users u on u.id = (e.detail ->> 'actor')::uuid
 where e.batch_id = :batch_id and e.id < :before and e.name like 'batch.%'
 order by e.id desc limit :limit
