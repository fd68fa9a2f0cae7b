-- Holds a key's row, before what its breaker counted.
select key from limits where key = :key for no key update
