-- Forgets a user's links that nobody can use any more.
delete from sign_in_links where user_id = :user_id and expires_at < moment();
