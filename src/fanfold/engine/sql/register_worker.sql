-- Notes that a worker has begun.
insert into workers (id, name, version, capacity) values (:id, :name, :version, :capacity)
