-- Gives every user without a cap of their own what stands for all: `user:*`.
with every as (
    select max_running from limits where key = 'user:*'
), gone as (
    delete from limits where starts_with(key, 'user:') and key <> 'user:*' and not pinned and not exists (select from every)
)
insert into limits as l (key, max_running) select 'user:' || u.id, every.max_running from users u, every
on conflict (key) do update set max_running = excluded.max_running where not l.pinned
