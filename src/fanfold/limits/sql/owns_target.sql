-- Tells whether a target is the acting user's.
select exists (select from amc_instances where id = :id)
