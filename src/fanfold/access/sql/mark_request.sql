-- Marks a request unless as many as allowed are marked; returns the mark, or else how long to wait.
select mark, wait from mark_request(:key, :allowed, :window)
