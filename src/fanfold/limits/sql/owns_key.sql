-- Tells whether a key is that of a target or a connection of the acting user.
select exists (select from amc_instances where 'target:' || id = :key)
    or exists (select from connections where 'connection:' || id = :key)
