-- Those of the references that are connections of the acting user, by uuid or by name.
select id, name, connector from connections where id = any(:ids::uuid[]) or name = any(:names::text[]);
