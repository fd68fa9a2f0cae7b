-- Ends every snooze of some batches now, so that a worker tells the remote sides to stop.
update operations set due_at = moment()
 where batch_id = any(:batch_ids::uuid[]) and status = 'running' and due_at > moment()
