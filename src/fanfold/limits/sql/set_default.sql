-- Sets the cap of a key that is not a person's.
insert into limits as l (key, max_running) values (:key, :max_running)
on conflict (key) do update set max_running = excluded.max_running where not l.pinned
