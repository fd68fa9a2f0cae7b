-- Counts all batches by status and by how long they ran, sorted into buckets by their upper bounds.
select status, width_bucket(run_seconds, :bounds::double precision[]) as bucket, count(*) as batch_count,
       coalesce(sum(run_seconds), 0)::double precision as run_seconds
  from (select status, extract(epoch from finished_at - started_at)::double precision as run_seconds
          from batches) batches
 group by 1, 2
