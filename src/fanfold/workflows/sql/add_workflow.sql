-- Stores a workflow of the acting user; returns nothing when the key is taken.
insert into workflows (id, user_id, key, name, description, sql_query, parameters, aggregate, tags, origin,
                       created_at, updated_at)
values (:id, acting_user(), :key, :name, :description, :sql_query, :parameters, coalesce(:aggregate, ''), :tags,
        :origin, moment(), moment())
on conflict (user_id, key) do nothing
returning version;
