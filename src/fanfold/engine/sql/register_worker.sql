-- Notes that a worker has begun.
insert into workers (id, name, version, capacity, kinds) values (:id, :name, :version, :capacity, :kinds)
