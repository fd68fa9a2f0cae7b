-- Reads what keys' breakers have counted, the cause that failed last first. Only for the service.
select key, cause, error, failure_count, first_failed_at, last_failed_at, opened_at
  from breakers where key = any(:keys::text[]) order by key, last_failed_at desc, cause
