-- Whom a login name or an e-mail address means, and where they signed in before; no row when nobody.
-- Called by POST /api/auth/login, which checks the password.
-- Raises nothing.
create function account.find_login(p_login text)
returns table (user_id bigint, password_hash text, ips text[]) language sql stable as $$
  select u.id, u.password_hash, array(
    select distinct s.ip from (
      select ip from sessions where user_id = u.id order by last_seen_at desc limit 100
    ) s)
  from users u
  where u.id = case when position('@' in p_login) > 0 then account.find_by_email(p_login)
    else (select n.id from users n where lower(n.username) = lower(p_login)) end
$$;
