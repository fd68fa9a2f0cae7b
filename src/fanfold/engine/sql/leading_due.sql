-- Tells which of the leader's duties have something to do.
select exists (select from batches where status = 'paused' and resume_at <= moment()) as resume,
       exists (select from batches where status in ('queued', 'running') and stopped_at is null
                  and timed_from + make_interval(secs => timeout_ms / 1000.0) < moment()) as time_out,
       exists (select from batches where status in ('queued', 'running') and stopped_at is null
                  and wave_ends[wave] is not null) as open_waves,
       exists (select from batches b left join batches a on a.id = b.after_id
                where b.status in ('queued', 'running', 'paused') and b.after_status is not null and b.stopped_at is null
                  and (a.id is null or b.after_status = 'completed' and a.status in ('partial', 'failed', 'cancelled'))
              ) as stop_unmet,
       exists (select from batches where status in ('running', 'queued', 'paused') and stopped_at is not null
                  and pending_count > 0) as skip
