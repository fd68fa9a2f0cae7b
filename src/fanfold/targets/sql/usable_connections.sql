-- The acting user's connections to a connector's systems, or the one that is wanted; two are enough to know of a choice.
select id from connections
 where connector = :connector and (:wanted::uuid is null or id = :wanted)
 order by created_at, id limit 2;
