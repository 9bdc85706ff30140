-- Accounts: people, their sessions, the one-time tokens sent by mail, and rate limits.
create schema if not exists account;
create schema if not exists ops;

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
  ban_reason text,
  storage_used_bytes bigint not null default 0,
  storage_quota_bytes bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint username_is_short_and_plain check (username ~ '^[A-Za-z0-9_]{3,30}$'),
  constraint role_is_known check (role in ('user', 'moderator', 'admin')),
  constraint locale_is_known check (locale in ('en', 'zh-TW', 'ko')),
  constraint storage_is_not_negative check (storage_used_bytes >= 0)
);
-- account.create_user, account.find_login, account.profile: names are unique whatever their case.
create unique index users_username_lower on users (lower(username));
-- account.verify_email: an address belongs to whoever confirmed it. Unconfirmed ones may repeat, so that
-- registering never tells whether somebody has an address (docs/decisions/0010-addresses-are-not-told.md).
create unique index users_confirmed_email on users (lower(email)) where email_verified_at is not null;
-- account.find_login, account.find_by_email
create index users_email on users (lower(email), id);

create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id bigint not null references users on delete cascade,
  user_agent text not null default '',
  ip text not null default '',
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  -- How often its refresh token was rotated, and when last: a token of an older generation was used before.
  generation int not null default 0,
  rotated_at timestamptz not null default now()
);
-- account.list_sessions, account.revoke_sessions
create index sessions_user on sessions (user_id, last_seen_at desc);
-- account.clean
create index sessions_expires on sessions (expires_at);

-- Refresh tokens of a session, hashed. One of an old generation that comes back was copied: the session ends.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  generation int not null,
  created_at timestamptz not null default now()
);
-- the cascade from sessions; account.refresh forgets the oldest ones
create index refresh_tokens_session on refresh_tokens (session_id, generation);

create table mail_tokens (
  token_hash bytea primary key,
  user_id bigint not null references users on delete cascade,
  purpose text not null,
  email text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint purpose_is_known check (purpose in ('verify', 'reset'))
);
-- account.issue_mail_token, account.use_mail_token: all of a user and purpose
create index mail_tokens_user on mail_tokens (user_id, purpose);
-- account.clean
create index mail_tokens_expires on mail_tokens (expires_at);

-- Rate limits all processes share: when the bucket of a key will be empty again. Empty after a crash, which is right.
create unlogged table util.rate (
  key text collate "C" primary key,
  empty_at timestamptz not null
) with (fillfactor = 50);
-- account.clean
create index rate_empty on util.rate (empty_at);
