-- Sums up the acting user's batches by kind and status.
select kind, status, count(*) as batch_count, sum(total_count)::bigint as total_count,
       sum(completed_count)::bigint as completed_count, sum(failed_count)::bigint as failed_count,
       count(finished_at) filter (where started_at is not null) as timed_count,
       coalesce(sum(extract(epoch from finished_at - started_at)), 0)::double precision as run_seconds
  from batches where user_id = :user_id group by kind, status
