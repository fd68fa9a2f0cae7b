-- Replaces the sealed bytes of many secrets.
update secrets s set sealed = n.sealed from unnest(:ids::uuid[], :sealed::bytea[]) n(id, sealed) where s.id = n.id;
