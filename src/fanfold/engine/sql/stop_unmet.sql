-- Stops batches that wait for another's success, which will not come.
with unmet as (
    select b.id from batches b left join batches a on a.id = b.after_id
     where b.status in ('queued', 'running', 'paused') and b.after_status is not null and b.stopped_at is null
       and (a.id is null or b.after_status = 'completed' and a.status in ('partial', 'failed', 'cancelled'))
     order by b.id for no key update of b skip locked
)
update batches b set stopped_at = moment(), stop_reason = 'condition', updated_at = moment()
  from unmet where b.id = unmet.id
returning b.id
