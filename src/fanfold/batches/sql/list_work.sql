-- Counts what each worker has at work by batch, of the batches that whoever asks may see.
select a.worker_id, b.batch_id, b.name, count(*) as running_count
  from operations o
  join attempts a on a.id = o.attempt_id
  join batches b on b.id = o.batch_id
 where o.status = 'running' and o.due_at is null and a.state = 'running'
 group by a.worker_id, b.batch_id, b.name
 order by running_count desc, b.batch_id
