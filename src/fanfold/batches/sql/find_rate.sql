-- Reads how many operations of a batch may start per time.
select rate_count, rate_ms from limits where key = :key and rate_count is not null
