-- Declares the shared limits that a submission's operations count against; what a person has set stays.
with given as (
    select * from jsonb_to_recordset(:limits)
                  given(key text, max_running integer, rate_count integer, rate_ms bigint, guarded boolean)
), changed as (
    -- A key may be known by what was set or blocked before any kind declared it, or declared otherwise since.
    select l.key, g.max_running, g.rate_count, g.rate_ms, g.guarded or l.guarded guarded, l.pinned
      from given g join limits l using (key)
     where g.guarded and not l.guarded or not l.pinned
       and (l.max_running, l.rate_count, l.rate_ms) is distinct from (g.max_running, g.rate_count, g.rate_ms)
     order by l.key for no key update of l
), declared as (
    update limits l set guarded = c.guarded,
           max_running = case when c.pinned then l.max_running else c.max_running end,
           rate_count = case when c.pinned then l.rate_count else c.rate_count end,
           rate_ms = case when c.pinned then l.rate_ms else c.rate_ms end
      from changed c where l.key = c.key
)
insert into limits (key, max_running, rate_count, rate_ms, guarded)
select key, max_running, rate_count, rate_ms, guarded from given order by key
on conflict (key) do nothing
