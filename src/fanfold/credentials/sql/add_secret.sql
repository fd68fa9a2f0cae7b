-- Stores a sealed secret of the acting user.
insert into secrets (id, user_id, purpose, sealed, created_at)
values (:id, acting_user(), :purpose, :sealed, moment());
