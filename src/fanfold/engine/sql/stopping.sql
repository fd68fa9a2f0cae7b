-- Tells which of these batches' attempts must stop, and why: the user's cancel, the batch's timeout, a freeze.
select id, case when cancel_requested_at is not null then 'user' when stop_reason = 'timeout' then 'timeout'
                else 'freeze' end why
  from batches
 where id = any(:ids::uuid[])
   and (cancel_requested_at is not null or stop_reason = 'timeout' or paused_at is not null and pause_mode = 'freeze')
