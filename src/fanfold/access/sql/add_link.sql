-- Stores the hash of a one-time code.
insert into sign_in_links (code_hash, user_id, expires_at) values (:code_hash, :user_id, moment() + :lifetime::interval);
