-- Forgets the cap of a key that is not a person's.
delete from limits where key = :key and not pinned
