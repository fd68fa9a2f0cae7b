-- Adds what attempts asked of remote sides; of each attempt the first calls and the latest ones stay.
with given as (
    select * from unnest(:attempt_ids::bigint[], :ats::timestamptz[], :steps::text[], :methods::text[],
                         :paths::text[], :statuses::integer[], :durations::integer[], :request_ids::text[],
                         :errors::text[])
                  with ordinality given(attempt_id, at, step, method, path, status, duration_ms, request_id, error, place)
), held as materialized (
    -- An attempt that is being deleted is passed over, or its batch's delete and this would wait for each other.
    select id from attempts where id = any(:attempt_ids::bigint[]) order by id for key share skip locked
), numbered as (
    select g.*, coalesce((select max(c.number) from attempt_calls c where c.attempt_id = g.attempt_id), 0)
                + row_number() over (partition by g.attempt_id order by g.place) as number
      from given g join held h on h.id = g.attempt_id
), dropped as (
    delete from attempt_calls c using (select attempt_id, max(number) as last from numbered group by attempt_id) n
     where c.attempt_id = n.attempt_id and c.number > :first::integer and c.number <= n.last - :latest::integer
)
insert into attempt_calls (attempt_id, number, at, step, method, path, status, duration_ms, request_id, error)
select attempt_id, number, at, step, method, path, status, duration_ms, request_id, error from numbered
    on conflict do nothing
