-- The sealed bytes of a secret; only the service's role may read them.
select sealed from secrets where id = :id;
