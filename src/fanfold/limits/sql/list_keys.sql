-- Lists bounded keys by name: all, or those that one user may see. Only for the service.
with mine as materialized (
    select key from visible_keys(:viewer::uuid) key where :viewer::uuid is not null
), busy as (
    select user_id, kind, sum(running_count)::integer n from batches
     where status in ('running', 'paused', 'cancelling') and running_count > 0 group by user_id, kind
), wide as (
    select 'global' as key, sum(n)::integer taken from busy union all
    select 'kind:' || kind, sum(n)::integer from busy group by kind union all
    select 'user:' || user_id, sum(n)::integer from busy group by user_id
)
select l.key, count(*) over () as total
  from limits l left join limit_usage u using (key) left join wide w using (key)
 where (:viewer::uuid is null or l.key in (select key from mine))
   and (:q::text is null or strpos(lower(l.key), lower(:q)) > 0)
   and (:key::text is null or l.key = :key)
   and (not :full::boolean or key_room(l, coalesce(u.running_count, w.taken, 0), moment()) <= 0)
 order by l.key limit :limit offset :offset
