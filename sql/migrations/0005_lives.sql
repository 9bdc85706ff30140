-- Live broadcasts, who follows whom, and the chat beside a broadcast.
create schema if not exists live;
create schema if not exists chat;

create table public.follows (
  user_id    bigint not null references public.users on delete cascade,
  creator_id bigint not null references public.users on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, creator_id),
  constraint nobody_follows_themselves check (user_id <> creator_id)
);
-- Deleting a user finds who follows them.
create index follows_creator on public.follows (creator_id, created_at desc);
-- Kept by live.follow_user and live.unfollow_user: counting a million rows for each page would not do.
alter table public.users add column follower_count integer not null default 0;

-- A broadcast: scheduled → live → ended. The counts are kept when it ends.
create table public.lives (
  id              bigint generated always as identity primary key,
  public_id       text not null unique,
  owner_id        bigint not null references public.users on delete cascade,
  title           text not null,
  description     text not null default '',
  visibility      text not null default 'public',
  status          text not null default 'scheduled',
  scheduled_at    timestamptz,
  started_at      timestamptz,
  ended_at        timestamptz,
  -- Why an operator ended it; null: its owner did.
  end_reason      text,
  -- Only the hash of the stream key; it is shown once. The last characters tell keys apart.
  key_hash        bytea not null unique,
  key_hint        text not null,
  key_made_at     timestamptz not null default now(),
  peak_viewers    integer not null default 0,
  total_viewers   integer not null default 0,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  deleted_at      timestamptz,
  constraint title_is_not_empty check (title <> ''),
  constraint visibility_is_known check (visibility in ('public', 'unlisted', 'private')),
  constraint status_is_known check (status in ('scheduled', 'live', 'ended')),
  constraint viewers_are_not_negative check (peak_viewers >= 0 and total_viewers >= 0)
) with (fillfactor = 80);
-- live.list_lives, one index a list: on air (most recently started first), upcoming (soonest first), past.
create index lives_on_air on public.lives (started_at desc, id desc)
  where status = 'live' and visibility = 'public' and deleted_at is null;
create index lives_upcoming on public.lives (scheduled_at, id)
  where status = 'scheduled' and visibility = 'public' and deleted_at is null and scheduled_at is not null;
create index lives_past on public.lives (ended_at desc, id desc)
  where status = 'ended' and visibility = 'public' and deleted_at is null;
-- live.list_lives of one owner: the past, and the few that are not over (live.create_live counts them, too).
create index lives_owner_past on public.lives (owner_id, ended_at desc, id desc)
  where status = 'ended' and visibility = 'public' and deleted_at is null;
create index lives_owner_open on public.lives (owner_id) where status <> 'ended' and deleted_at is null;
-- live.list_mine
create index lives_owner on public.lives (owner_id, id desc) where deleted_at is null;

-- What holds in the chat of a live. One row from the live's first moment on.
create table public.chat_rules (
  live_id        bigint primary key references public.lives on delete cascade,
  is_open        boolean not null default true,
  slow_seconds   integer not null default 0,
  followers_only boolean not null default false,
  verified_only  boolean not null default false,
  unique_only    boolean not null default false,
  link_rule      text not null default 'allow',
  blocked_words  text[] not null default '{}',
  pinned_seq     bigint,
  -- Messages up to this number were cleared away.
  cleared_seq    bigint not null default 0,
  updated_at     timestamptz not null default now(),
  constraint slow_seconds_in_range check (slow_seconds between 0 and 3600),
  constraint link_rule_is_known check (link_rule in ('allow', 'hold', 'block'))
);

-- A message's number is its event's number in channel live:<public id>.
create table public.chat_messages (
  live_id    bigint not null references public.lives on delete cascade,
  seq        bigint not null,
  user_id    bigint not null references public.users on delete cascade,
  at         timestamptz not null,
  text       text not null,
  reply_to   bigint,
  cid        uuid not null,
  edited_at  timestamptz,
  deleted_at timestamptz,
  deleted_by text,
  primary key (live_id, seq),
  constraint deleted_by_is_known check (deleted_by in ('author', 'moderator'))
);
-- chat.post: how much this sender sent here lately, and when last; chat.restrict: all of one sender.
create index chat_messages_sender on public.chat_messages (live_id, user_id, at);
-- chat.post: a message that is sent again after a lost answer keeps its number.
create unique index chat_messages_cid on public.chat_messages (live_id, user_id, cid);

-- Waits for a moderator: a blocked word or a link. Approved, it is posted like any other.
create table public.chat_held (
  id          bigint generated always as identity primary key,
  live_id     bigint not null references public.lives on delete cascade,
  user_id     bigint not null references public.users on delete cascade,
  text        text not null,
  reply_to    bigint,
  cid         uuid not null,
  why         text not null,
  created_at  timestamptz not null default now(),
  verdict     text,
  reviewed_by bigint references public.users on delete set null,
  reviewed_at timestamptz,
  constraint why_is_known check (why in ('word', 'link')),
  constraint verdict_is_known check (verdict in ('approved', 'rejected'))
);
-- chat.post: the same message again is held once.
create unique index chat_held_cid on public.chat_held (live_id, user_id, cid);
-- chat.post: how much of this sender was held lately, and when last; chat.restrict: all of one sender.
create index chat_held_sender on public.chat_held (live_id, user_id, created_at);
-- chat.list_held
create index chat_held_open on public.chat_held (live_id, id) where verdict is null;

create table public.chat_moderators (
  live_id    bigint not null references public.lives on delete cascade,
  user_id    bigint not null references public.users on delete cascade,
  created_at timestamptz not null default now(),
  primary key (live_id, user_id)
);
create index chat_moderators_user on public.chat_moderators (user_id);

-- Who may not write: for a time (until), or for good (until is null).
create table public.chat_bans (
  live_id    bigint not null references public.lives on delete cascade,
  user_id    bigint not null references public.users on delete cascade,
  until      timestamptz,
  reason     text not null default '',
  -- Null: an operator.
  by_user    bigint references public.users on delete set null,
  created_at timestamptz not null default now(),
  primary key (live_id, user_id)
);
create index chat_bans_user on public.chat_bans (user_id);

-- Everything moderators and operators did. Never changed.
create table public.chat_audit (
  id        bigint generated always as identity primary key,
  live_id   bigint not null references public.lives on delete cascade,
  -- Null: an operator.
  actor_id  bigint references public.users on delete set null,
  action    text not null,
  target_id bigint references public.users on delete set null,
  detail    jsonb not null default '{}',
  at        timestamptz not null default now()
);
-- chat.list_audit
create index chat_audit_live on public.chat_audit (live_id, id desc);
