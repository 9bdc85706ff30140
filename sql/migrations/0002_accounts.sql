-- Accounts: people, their sessions, and the one-time tokens sent by mail.

create table users (
  id bigint generated always as identity primary key,
  username text not null,
  email text not null,
  password_hash text not null,
  display_name text not null,
  bio text not null default '',
  avatar_key text,
  role text not null default 'user',
  locale text not null default 'en',
  email_verified_at timestamptz,
  is_banned boolean not null default false,
  storage_used_bytes bigint not null default 0,
  storage_quota_bytes bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint username_is_short_and_plain check (username ~ '^[A-Za-z0-9_]{3,30}$'),
  constraint role_is_known check (role in ('user', 'moderator', 'admin')),
  constraint locale_is_known check (locale in ('en', 'zh-TW', 'ko')),
  constraint storage_is_not_negative check (storage_used_bytes >= 0)
);
-- account.register, account.log_in: names and addresses are unique whatever their case.
create unique index users_username_lower on users (lower(username));
create unique index users_email_lower on users (lower(email));

create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id bigint not null references users on delete cascade,
  user_agent text not null default '',
  ip text not null default '',
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
-- account.list_sessions, account.revoke_sessions
create index sessions_user on sessions (user_id, created_at desc);

-- Refresh tokens of a session, hashed. A used one that comes back means it was stolen: the session ends.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
-- account.refresh cleans up by session; the cascade needs it.
create index refresh_tokens_session on refresh_tokens (session_id);

create table mail_tokens (
  token_hash bytea primary key,
  user_id bigint not null references users on delete cascade,
  purpose text not null,
  email text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  constraint purpose_is_known check (purpose in ('verify', 'reset'))
);
-- account.issue_mail_token replaces the earlier ones of a user.
create index mail_tokens_user on mail_tokens (user_id, purpose);
