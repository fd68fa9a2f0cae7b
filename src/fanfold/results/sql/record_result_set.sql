-- Make a manifest the operation's result set; a later attempt's replaces the earlier one.
insert into result_sets (id, batch_id, operation_id, user_id, parts, columns, row_count, byte_count)
values (:id, :batch_id, :operation_id, :user_id, :parts, :columns, :row_count, :byte_count)
on conflict (operation_id) do update
   set parts = excluded.parts, columns = excluded.columns, row_count = excluded.row_count,
       byte_count = excluded.byte_count, created_at = moment()
