-- How many of the acting user's workflows a search finds.
select count(*) from workflows
 where lower(key || E'\n' || name || E'\n' || description || E'\n' || lines(tags)) like all (:words::text[]);
