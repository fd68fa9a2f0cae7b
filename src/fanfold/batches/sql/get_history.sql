-- Reads how long operations of the same work took before: of the same workflow, else of the same kind and definition.
with this as (
    select user_id, workflow_id, kind, definition from batches where id = :id
), earlier as (
    (select b.id from this join batches b on b.workflow_id = this.workflow_id
      where b.completed_count > 0 order by b.created_at desc limit 5)
    union all
    (select r.id
       from this cross join lateral (
            select b.id, b.kind, b.definition, b.completed_count, b.created_at from batches b
             where b.user_id = this.user_id order by b.created_at desc, b.id limit 100) r
      where this.workflow_id is null and r.completed_count > 0 and r.kind = this.kind
        and r.definition = this.definition
      order by r.created_at desc limit 5)
)
select extract(epoch from o.finished_at - o.started_at)::double precision as seconds
  from earlier cross join lateral (
       select o.started_at, o.finished_at from operations o
        where o.batch_id = earlier.id and o.ordinal < 200 and o.status = 'completed' and o.started_at is not null
        limit 40) o
