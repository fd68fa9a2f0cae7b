-- The next result sets that are older than wanted, of batches that ended as long ago.
select r.id, r.parts
  from result_sets r
  join batches b on b.id = r.batch_id
 where b.finished_at < moment() - cast(:older_than as interval)
   and r.created_at < moment() - cast(:older_than as interval)
   and (cast(:after as uuid) is null or r.id > :after)
 order by r.id
 limit :most
