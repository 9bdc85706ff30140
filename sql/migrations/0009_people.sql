-- What goes away with deleted lives, whom a message answers, and who watches through which process. These tables came
-- with this release; whoever tried it earlier has few rows in them.
-- squawk-ignore-file require-concurrent-index-creation

-- live.purge: the oldest first.
create index lives_deleted on public.lives (deleted_at) where deleted_at is not null;
-- chat.requote: the answers to a message that was changed or taken away.
create index chat_messages_reply on public.chat_messages (live_id, reply_to) where reply_to is not null;
-- chat.list_bans
create index chat_bans_newest on public.chat_bans (live_id, created_at desc, user_id desc);

-- live.report_viewers: n is guests, and users nobody else counts.
alter table rt.viewers
  add column guests integer not null default 0,
  add column users bigint[] not null default '{}';
