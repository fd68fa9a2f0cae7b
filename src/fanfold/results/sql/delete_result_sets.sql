-- Forget result sets whose rows were removed, but not those that a later attempt replaced meanwhile.
delete from result_sets
 where id = any(:ids) and created_at < moment() - cast(:older_than as interval)
returning id
