-- The acting user's connections of one connector; two are enough to know that there is a choice.
select id from connections where connector = :connector order by created_at, id limit 2;
