-- Sums up the operations of all batches by state, from the batches' counters.
select coalesce(sum(pending_count), 0)::bigint as pending, coalesce(sum(running_count), 0)::bigint as running,
       coalesce(sum(completed_count), 0)::bigint as completed, coalesce(sum(failed_count), 0)::bigint as failed,
       coalesce(sum(skipped_count), 0)::bigint as skipped, coalesce(sum(cancelled_count), 0)::bigint as cancelled
  from batches
