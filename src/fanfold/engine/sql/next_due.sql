-- Tells when the next retry, snooze, pause or closed key is due; null when nothing waits for time.
select least(
    (select min(due_at) from operations where status = 'pending' and due_at > moment()),
    (select min(due_at) from operations o where status = 'running' and due_at is not null
        and not exists (select from batches b where b.id = o.batch_id and b.status = 'paused' and b.pause_mode = 'freeze')),
    (select min(resume_at) from batches where status = 'paused'),
    (select min(key_opens_at(l, moment())) from limits l
      where l.rate_count is not null or l.blocked_until is not null or l.quiet_hours is not null or l.probe_at is not null),
    (select min(quiet_until(quiet_hours, moment())) from batches
      where status in ('queued', 'running') and quiet_hours is not null)) - moment()
