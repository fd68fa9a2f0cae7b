-- Notes in a batch's timeline that its rate was changed, which stands in no column of the batch, and wakes the workers.
with told as (
    insert into events (batch_id, user_id, name, detail)
    select id, user_id, 'batch.changed', jsonb_build_object('actor', acting_user(), 'changes',
           jsonb_build_object('rate', jsonb_build_array(:before::jsonb, :after::jsonb)))
      from batches where id = :id
    returning batch_id
)
select pg_notify('fanfold_changed', batch_id::text), pg_notify('fanfold_work', 'lead') from told
