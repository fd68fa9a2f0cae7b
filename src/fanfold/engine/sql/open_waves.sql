-- Opens the next wave of batches whose wave has ended well enough, and stops those whose wave has not.
with waiting as materialized (
    select id, wave_tolerated, wave_ends[wave] ends from batches
     where status in ('queued', 'running') and stopped_at is null and wave_ends[wave] is not null
     order by id for no key update skip locked
), judged as (
    select w.id, w.wave_tolerated, count(*) filter (where o.status in ('failed', 'cancelled')) bad
      from waiting w join operations o on o.batch_id = w.id and o.ordinal < w.ends
     group by w.id, w.wave_tolerated
    having count(*) filter (where o.status in ('pending', 'running')) = 0
)
update batches b set wave = b.wave + case when j.bad <= j.wave_tolerated then 1 else 0 end, updated_at = moment(),
       stopped_at = case when j.bad > j.wave_tolerated then moment() end,
       stop_reason = case when j.bad > j.wave_tolerated then 'budget' end
  from judged j where b.id = j.id
returning b.id
