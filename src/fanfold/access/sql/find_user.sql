-- The user of an id, unless disabled.
select * from enabled_user(:id::uuid);
