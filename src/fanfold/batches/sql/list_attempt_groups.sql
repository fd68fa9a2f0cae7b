-- Groups all attempts of a batch that ended without success by cause, those included that a later attempt made good.
with tried as materialized (
    select a.error ->> 'fingerprint' as fingerprint, a.state, a.finished_at, a.error, a.number, o.id, o.target_id,
           o.item_key, o.target, o.status, o.reason, o.error_fingerprint,
           dense_rank() over (partition by a.error ->> 'fingerprint' order by o.ordinal) as place,
           row_number() over (partition by a.error ->> 'fingerprint', o.id order by a.number) as turn
      from operations o join attempts a on a.operation_id = o.id
     where o.batch_id = :batch_id and a.state in ('failed', 'lost', 'throttled') and a.error is not null
), causes as (
    select fingerprint, count(*) as attempt_count,
           count(*) filter (where turn = 1 and status = 'failed' and error_fingerprint = fingerprint) as failure_count,
           count(*) filter (where turn = 1 and status = 'completed') as recovered_count,
           coalesce(mode() within group (order by reason) filter (where error_fingerprint = fingerprint),
                    min(nullif(state, 'failed'))) as reason,
           min(finished_at) as first_seen_at, max(finished_at) as last_seen_at,
           (array_agg(error) filter (where place = 1 and turn = 1))[1] as error,
           jsonb_agg(jsonb_build_object('operation_id', id, 'target_id', coalesce(target_id::text, item_key),
                     'target_name', coalesce(target ->> 'name', item_key)) order by place)
               filter (where place <= :examples::integer and turn = 1) as examples
      from tried group by fingerprint
)
select c.*, count(*) over () as group_count, sum(failure_count) over ()::bigint as total_count
  from causes c order by failure_count desc, attempt_count desc, last_seen_at desc, fingerprint
 limit :limit offset :offset
