-- Groups a batch's failures by cause, the most frequent first, each with its first operations as examples.
with failures as materialized (
    select o.error_fingerprint as fingerprint, o.reason, o.finished_at, o.id, o.target_id, o.item_key, o.target, o.error,
           row_number() over (partition by o.error_fingerprint order by o.ordinal) as place
      from operations o where o.batch_id = :batch_id and o.status = 'failed'
), causes as (
    select fingerprint, count(*) as failure_count, mode() within group (order by reason) as reason,
           min(finished_at) as first_seen_at, max(finished_at) as last_seen_at,
           (array_agg(error) filter (where place = 1))[1] as error,
           jsonb_agg(jsonb_build_object('operation_id', id, 'target_id', coalesce(target_id::text, item_key),
                     'target_name', coalesce(target ->> 'name', item_key)) order by place)
               filter (where place <= :examples::integer) as examples
      from failures group by fingerprint
)
select c.*, null::bigint as attempt_count, null::bigint as recovered_count,
       count(*) over () as group_count, sum(failure_count) over ()::bigint as total_count
  from causes c order by failure_count desc, last_seen_at desc, fingerprint
 limit :limit offset :offset
