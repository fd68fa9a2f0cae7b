-- Leaves operations out that a condition holds for, each with its reason, before anything runs.
update operations o set status = 'skipped', reason = 'condition', finished_at = moment(),
       summary = jsonb_build_object('reason', left_out.reason)
  from unnest(:ids::uuid[], :reasons::text[]) left_out(id, reason)
 where o.id = left_out.id and o.status = 'pending';
