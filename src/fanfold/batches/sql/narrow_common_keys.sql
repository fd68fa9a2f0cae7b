-- Keeps, of the limit keys that all operations of a batch hold, those that all new ones hold too.
update batches set common_keys = case when total_count = 0 then :keys::text[] else array(
       select key from unnest(common_keys) key where key = any(:keys::text[]) order by key) end
 where id = :id;
