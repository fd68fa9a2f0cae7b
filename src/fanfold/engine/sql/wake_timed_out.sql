-- Ends the snoozes of batches now, so that a worker stops the remote sides.
update operations set due_at = moment() where batch_id = any(:ids::uuid[]) and status = 'running' and due_at > moment()
