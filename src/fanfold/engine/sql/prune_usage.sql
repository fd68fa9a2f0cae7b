-- Forgets keys that nothing uses now; the next use makes them anew.
delete from limit_usage where running_count = 0
returning key
