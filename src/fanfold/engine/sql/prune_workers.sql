-- Forgets workers that ended or fell silent long ago and that no unfinished attempt names.
delete from workers w where coalesce(stopped_at, heartbeat_at) < moment() - interval '7 days'
returning id
