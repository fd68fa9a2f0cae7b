-- Reads the acting user's batches that have not ended or ended lately, and chosen others; always the time, too.
select moment() as now, b.*
  from (values (1)) always
  left join lateral (
    select b.id, b.batch_id, b.user_id, b.kind, b.name, b.description, b.tags, b.status, b.max_parallel, b.total_count,
           b.pending_count, b.running_count, b.completed_count, b.failed_count, b.skipped_count, b.cancelled_count,
           b.row_count, b.cancel_reason, b.created_at, b.updated_at, b.started_at, b.finished_at, b.workflow_id,
           (select array[w.key, w.name, w.description] from workflows w where w.id = b.workflow_id) as workflow,
           (select u.username from users u where u.id = b.user_id) as created_by
      from batches b
     where b.user_id = :user_id
       and b.id in (
           select id from batches where user_id = :user_id and finished_at is null
           union all select unnest(:ids::uuid[])
           -- What commits late has ended some time before.
           union all select id from batches
                      where user_id = :user_id
                        and finished_at > coalesce(:since::timestamptz, moment()) - interval '60 seconds')
     order by b.created_at desc, b.id limit :limit) b on true
