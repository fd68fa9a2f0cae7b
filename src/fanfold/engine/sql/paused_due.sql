-- Reads the batches whose pause was to end by now.
select id from batches where status = 'paused' and resume_at <= moment() order by id for no key update skip locked
