-- Whose address this is: who confirmed it, else who registered it first.
-- Called by account.find_login and account.issue_mail_token.
-- Raises nothing.
create function account.find_by_email(p_email text) returns bigint language sql stable as $$
  select u.id from users u where lower(u.email) = lower(p_email)
  order by (u.email_verified_at is null), u.id limit 1
$$;
