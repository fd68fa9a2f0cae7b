-- Reads the operations of a batch that are claimed next, in the order in which they are.
select id, ordinal, due_at, limit_keys, limit_weights, target_id, coalesce(target ->> 'name', item_key) as name
  from operations where batch_id = :batch_id and status = 'pending'
 order by priority desc, ordinal limit :limit
