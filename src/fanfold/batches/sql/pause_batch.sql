-- Rests a batch: nothing of it is claimed any more; a freeze also stops what runs where it stands.
update batches set paused_at = coalesce(paused_at, moment()), pause_mode = :mode, pause_reason = :reason,
       resume_at = :resume_at, updated_at = moment()
 where id = :id and status in ('queued', 'running', 'paused')
returning case when :mode::text = 'freeze' then pg_notify('fanfold_cancel', id::text) end
