-- Cancels every operation of a batch that has not begun or that waits for its retry.
update operations set status = 'cancelled', reason = 'user', due_at = null, state = null, finished_at = moment()
 where batch_id = :batch_id and status = 'pending'
