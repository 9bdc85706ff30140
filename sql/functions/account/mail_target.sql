-- To whom a mail goes, by user id or by address; no row when there is nobody (or a banned user). has_owner: somebody
-- else confirmed that address.
-- Called by app/jobs/mail.py. Raises nothing.
create function account.mail_target(p_user_id bigint, p_email text)
returns table (user_id bigint, username text, display_name text, email text, locale text, is_email_verified boolean,
  has_owner boolean) language sql stable as $$
  select u.id, u.username, u.display_name, u.email, u.locale, u.email_verified_at is not null,
    exists (select 1 from users o
      where lower(o.email) = lower(u.email) and o.email_verified_at is not null and o.id <> u.id)
  from users u
  where u.id = coalesce(p_user_id, account.find_by_email(p_email)) and not u.is_banned
$$;
