-- Every account with what an operator asks about it, newest first.
-- Called by operators in psql: select * from ops.accounts where username = 'name';
-- Raises nothing.
create view ops.accounts as
select u.username, u.email, u.email_verified_at is not null as is_email_verified, u.role, u.is_banned, u.ban_reason,
  u.created_at, s.last_seen_at, coalesce(s.open_sessions, 0) as open_sessions,
  u.storage_used_bytes, u.storage_quota_bytes
from users u
left join lateral (
  select max(n.last_seen_at) as last_seen_at,
    count(*) filter (where n.revoked_at is null and n.expires_at > now()) as open_sessions
  from sessions n where n.user_id = u.id
) s on true
order by u.id desc;
