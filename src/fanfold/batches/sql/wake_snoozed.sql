-- Ends every snooze of a batch now, so that a worker tells the remote sides to stop.
update operations set due_at = moment()
 where batch_id = :batch_id and status = 'running' and due_at > moment()
