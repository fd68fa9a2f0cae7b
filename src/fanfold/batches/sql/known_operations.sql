-- Reads what a batch holds already under some keys, to tell what is sent again from what is different.
select item_key, ordinal, target_id, target, overrides, priority
  from operations where batch_id = :batch_id and item_key = any(:keys::text[]);
