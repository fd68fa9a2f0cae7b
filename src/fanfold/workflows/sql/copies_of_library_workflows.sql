-- The acting user's workflows that were copied from the library, the oldest first.
select substr(origin, length('library:') + 1) as library_key, id, key, name
  from workflows
 where origin like 'library:%'
 order by created_at, id;
