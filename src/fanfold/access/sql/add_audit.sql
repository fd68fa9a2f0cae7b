-- Writes down who did, or was refused, what.
insert into audit (user_id, action, object, detail) values (:user_id, :action, :object, :detail);
