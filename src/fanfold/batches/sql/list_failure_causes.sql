-- Groups all failures of a user since a moment by cause: how many batches and operations each has hit, and which last.
with hits as materialized (
    select o.error_fingerprint as fingerprint, o.batch_id, count(*) as failure_count,
           mode() within group (order by o.reason) as reason, min(o.finished_at) as first_seen_at,
           max(o.finished_at) as last_seen_at
      from operations o
     where o.user_id = :user_id and o.status = 'failed'
       and o.finished_at >= coalesce(:since::timestamptz, moment() - interval '7 days')
     group by 1, 2
), placed as (
    select h.*, row_number() over (partition by fingerprint order by last_seen_at desc, batch_id) as place from hits h
), causes as (
    select fingerprint, count(*) as batch_count, sum(failure_count)::bigint as failure_count,
           mode() within group (order by reason) as reason, min(first_seen_at) as first_seen_at,
           max(last_seen_at) as last_seen_at, (array_agg(batch_id) filter (where place = 1))[1] as latest_id,
           array_agg(batch_id order by place) filter (where place <= :examples::integer) as batch_ids,
           array_agg(failure_count order by place) filter (where place <= :examples::integer) as failure_counts,
           count(*) over () as group_count, sum(sum(failure_count)) over ()::bigint as total_count
      from placed group by fingerprint
     order by 2 desc, 3 desc, last_seen_at desc, fingerprint limit :limit offset :offset
)
select c.*, sample.error, hit.batches
  from causes c
       left join lateral (select o.error from operations o
            where o.batch_id = c.latest_id and o.status = 'failed' and o.error_fingerprint = c.fingerprint
            order by o.ordinal limit 1) sample on true
       cross join lateral (
            select jsonb_agg(jsonb_build_object('job_id', b.batch_id, 'name', b.name, 'kind', b.kind,
                             'failure_count', h.n) order by h.place) as batches
              from unnest(c.batch_ids, c.failure_counts) with ordinality h(id, n, place) join batches b using (id)) hit
 order by c.batch_count desc, c.failure_count desc, c.last_seen_at desc, c.fingerprint
