-- Lays two batches side by side, target by target: how each changed, how many of each change, and a page of them.
with sides as materialized (
    select o.batch_id = :batch_id as here, o.id, o.ordinal, o.item_key, o.target_id, o.target ->> 'name' as name,
           o.status, o.row_count, o.summary, o.error ->> 'message' as message, o.error_fingerprint as fingerprint,
           o.status = 'completed' or o.status = 'skipped' and o.reason = 'condition' as fine,
           o.status = 'failed' as failed,
           extract(epoch from o.finished_at - o.started_at)::double precision * 1000 as ms
      from operations o where o.batch_id in (:batch_id, :other_id)
), pairs as materialized (
    select coalesce(m.ordinal, 2147483648 + t.ordinal)::bigint as position, coalesce(m.item_key, t.item_key) as item_key,
           coalesce(m.target_id, t.target_id) as target_id, coalesce(m.name, t.name, m.item_key, t.item_key) as name,
           m.id, m.status, m.ms, m.row_count, m.message, m.fingerprint, t.id as other_id, t.status as other_status,
           t.ms as other_ms, t.row_count as other_row_count, t.message as other_message,
           t.fingerprint as other_fingerprint,
           case when t.id is null then 'only_here' when m.id is null then 'only_there'
                when m.failed and t.failed then 'still_failing' when m.failed then 'newly_failed'
                when m.fine and t.failed then 'fixed' when m.fine then 'succeeded' else 'not_run' end as change,
           case when m.fine and t.fine then array_remove(array[
                case when m.ms >= t.ms * :ratio::double precision and m.ms - t.ms >= :threshold_ms::double precision
                     then 'slower' end,
                case when t.ms >= m.ms * :ratio::double precision and t.ms - m.ms >= :threshold_ms::double precision
                     then 'faster' end,
                case when m.row_count is distinct from t.row_count then 'different_row_count' end,
                case when m.summary is distinct from t.summary then 'different_summary' end], null)
                else '{}' end as differences
      from (select * from sides where here) m full join (select * from sides where not here) t using (item_key)
), counts as (
    select (select coalesce(jsonb_object_agg(word, n), '{}') from (
              select word, count(*) n from pairs, unnest(array[change] || differences) word group by word) w) as counts,
           (select count(*) from pairs where :words::text[] is null
               or array[change] || differences && :words::text[]) as matched
)
select c.*, p.* from counts c left join lateral (
    select * from pairs
     where position > :after and (:words::text[] is null or array[change] || differences && :words::text[])
     order by position limit :limit) p on true
 order by p.position
