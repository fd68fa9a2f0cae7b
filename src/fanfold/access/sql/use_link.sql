-- Spends a one-time code and returns its user; of two at once one gets it, and a spent or expired code returns nothing.
update sign_in_links l set used_at = moment()
  from users u
 where l.code_hash = :code_hash and l.used_at is null and l.expires_at > moment()
   and u.id = l.user_id and u.disabled_at is null
returning u.id, u.username, u.display_name, u.role;
