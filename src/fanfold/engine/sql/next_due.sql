-- Tells when the next retry, snooze or blocked key is due; null when nothing waits for time.
select least(
    (select min(due_at) from operations where status = 'pending' and due_at > moment()),
    (select min(due_at) from operations where status = 'running' and due_at is not null),
    (select min(blocked_until) from limits where blocked_until > moment())) - moment()
