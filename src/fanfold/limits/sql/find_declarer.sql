-- Finds an unfinished operation that holds a key, so that its kind can say what it declares. Only for the service.
select b.kind, o.item_key, o.target, o.target_id
  from batches b join operations o on o.batch_id = b.id
 where b.status in ('pending', 'queued', 'running', 'paused', 'cancelling')
   and o.status in ('pending', 'running') and o.limit_keys @> array[:key::text]
 limit 1
