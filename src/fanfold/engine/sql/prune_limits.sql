-- Forgets what limits no longer need: pauses that are over, caps that have recovered, rates of batches that are gone.
with gone as (
    delete from limits l where l.key like 'batch:%' and not exists (select from batches b where 'batch:' || b.id = l.key)
    returning 1
), calm as (
    update limits set blocked_until = case when blocked_until > moment() then blocked_until end,
           adapted_running = case when adapted_at > moment() - interval '1 hour' then adapted_running end,
           adapted_at = case when adapted_at > moment() - interval '1 hour' then adapted_at end
     where blocked_until < moment() or adapted_at < moment() - interval '1 hour'
    returning 1
)
select (select count(*) from gone) + (select count(*) from calm)
