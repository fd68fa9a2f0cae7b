-- Gives chosen operations another input; what they had begun was for the old one, so only a kind that can tell keeps it.
with changed as materialized (
    select * from unnest(:inputs::text[], :keys::text[], :overrides::text[]) changed(input, own_key, overrides)
), chosen as materialized (
    select o.id, md5(o.overrides::text) as input,
           case when o.item_key = any(:own_keys::text[]) then o.item_key end as own_key
      from operations o where o.batch_id = :batch_id and o.id = any(:ids::uuid[])
)
update operations o set overrides = changed.overrides::jsonb, state = case when :keeps_state::boolean then o.state end
  from chosen join changed on coalesce(changed.input, '') = coalesce(chosen.input, '')
                          and coalesce(changed.own_key, '') = coalesce(chosen.own_key, '')
 where o.id = chosen.id
