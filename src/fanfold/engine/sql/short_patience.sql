-- Gives up soon where others hold what is asked for: pruning can wait.
select set_config('lock_timeout', '500ms', true)
