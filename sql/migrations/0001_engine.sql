-- The engine: bus (rt), queue (q), counters (ct), cache, inbox of outside events, operators' views (ops).
create extension if not exists pg_trgm;

create schema if not exists util;
create schema if not exists rt;
create schema if not exists q;
create schema if not exists ct;
create schema if not exists cache;
create schema if not exists inbox;
create schema if not exists ops;

-- ---------------------------------------------------------------- bus

-- One row per channel ("user:7"): the counter that makes event numbers dense and in commit order.
-- Half-empty pages keep its updates on one page and out of the index.
create table rt.stream (
  channel  text collate "C" primary key,
  last_seq bigint not null default 0,
  last_at  timestamptz not null default clock_timestamp()
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);

-- Events by day of their time, so retention is dropping a table. rt.ensure_partitions makes the days.
create table rt.event (
  channel text collate "C" not null,
  seq     bigint not null,
  at      timestamptz not null,
  type    text collate "C" not null,
  data    jsonb not null
) partition by range (at);
-- rt.catch_up. Not unique: the counter row already guarantees it, and a check per insert costs.
create index event_channel_seq on rt.event (channel, seq);
-- rt.recent, the safety poll: a few hundred bytes per day instead of an entry per event.
create index event_at on rt.event using brin (at) with (autosummarize = on);

-- One row per running process, renewed every few seconds. What it leased is free when this ends.
create table rt.instance (
  id          bigint generated always as identity primary key,
  name        text not null,
  started_at  timestamptz not null default now(),
  lease_until timestamptz not null,
  info        jsonb not null default '{}'
) with (fillfactor = 50);

-- Who does a chore that one process does for all. Empty after a crash, which is right.
create unlogged table rt.leader (
  name   text primary key,
  holder bigint not null,
  token  bigint not null,
  until  timestamptz not null
) with (fillfactor = 50);
-- Logged, so a fencing token never repeats, not even after a crash emptied rt.leader.
create sequence rt.leader_token;

-- One-time tickets that open a socket; only their hash is kept. rt.take_ticket.
create unlogged table rt.ticket (
  hash       bytea primary key,
  user_id    bigint not null,
  session_id text,
  expires_at timestamptz not null
);

-- ---------------------------------------------------------------- queue

create table q.queue (
  id        smallint primary key,
  name      text not null unique,
  is_paused boolean not null default false
);
insert into q.queue (id, name) values (1, 'default'), (2, 'media'), (3, 'mail');

create sequence q.job_id;

-- Ready and running jobs only. The primary key is the index that claims walk (q.turn), and a claim changes
-- no column of it: a job's whole life is one index entry.
create table q.job (
  queue        smallint not null,
  priority     smallint not null default 0,
  id           bigint not null default nextval('q.job_id'),
  kind         text not null,
  payload      jsonb not null default '{}',
  leased_by    bigint,
  leased_at    timestamptz,
  attempt      smallint not null default 0,
  max_attempts smallint,
  ukey         text,
  created_at   timestamptz not null default now(),
  last_error   jsonb,
  primary key (queue, priority, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0, vacuum_truncate = off);

-- Jobs with a time: delayed ones and retries. Kept apart so the head of q.job is always work.
create table q.scheduled (
  id           bigint primary key,
  run_at       timestamptz not null,
  queue        smallint not null,
  priority     smallint not null,
  kind         text not null,
  payload      jsonb not null,
  attempt      smallint not null default 0,
  max_attempts smallint,
  ukey         text,
  created_at   timestamptz not null default now(),
  last_error   jsonb
);
-- q.promote.
create index scheduled_run_at on q.scheduled (run_at);

-- Jobs that will not be tried again unless somebody revives them.
create table q.dead (
  id           bigint primary key,
  queue        smallint not null,
  priority     smallint not null,
  kind         text not null,
  payload      jsonb not null,
  attempt      smallint not null,
  max_attempts smallint,
  ukey         text,
  created_at   timestamptz not null,
  last_error   jsonb,
  died_at      timestamptz not null default now()
);
-- q.purge and ops.job_failures, newest first.
create index dead_died_at on q.dead (died_at);

-- A key is held from enqueue until its job ends or dies.
create table q.uniq (
  ukey   text collate "C" primary key,
  job_id bigint not null
) with (fillfactor = 70);

create table q.cron (
  name          text primary key,
  every_seconds integer,
  expr          text,
  tz            text not null default 'UTC',
  queue         text not null,
  kind          text not null,
  payload       jsonb not null default '{}',
  is_enabled    boolean not null default true,
  is_listed     boolean not null default false,
  next_at       timestamptz not null,
  last_at       timestamptz,
  constraint interval_or_expression check ((every_seconds is null) <> (expr is null)),
  constraint interval_is_positive check (every_seconds > 0)
);

-- ---------------------------------------------------------------- counters

-- One slot per process: two processes never wait for each other's row. ct.bump adds, ct.take folds.
create table ct.counter (
  kind text collate "C" not null,
  id   bigint not null,
  slot smallint not null,
  n    bigint not null,
  primary key (kind, id, slot)
) with (fillfactor = 50);

-- ---------------------------------------------------------------- cache

-- Lost in a crash by design: never sessions, never money. Only the key is indexed, so that every refresh
-- stays on its page; expired rows are found by walking pages, not by an index on time.
create unlogged table public.cache_data (
  key         text collate "C" primary key,
  value       jsonb,
  fresh_until timestamptz not null default '-infinity',
  expires_at  timestamptz not null,
  lease_token bigint,
  lease_until timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,
        vacuum_truncate = off);
create sequence cache.lease_token;
-- The page from which the next write evicts; each write moves it.
create sequence cache.hand cache 1;

-- The only trigger. Its body lives in sql/functions/cache/evict.sql; this stub never changes, because the
-- loader could not drop a function that a trigger hangs on.
create function cache.on_write() returns trigger language plpgsql as $$
begin
  perform cache.evict();
  return null;
end $$;
-- Every write of a key is an "insert … on conflict"; were updates named too, such a statement would evict twice.
create trigger evict_expired after insert on public.cache_data
  for each statement execute function cache.on_write();

-- ---------------------------------------------------------------- inbox

-- Outside events, stored once by their sender's id before anybody acts on them.
create table public.inbox (
  id          bigint generated always as identity primary key,
  source      text not null,
  event_id    text not null,
  body        jsonb not null,
  received_at timestamptz not null default now(),
  applied_at  timestamptz,
  attempts    integer not null default 0,
  error       text,
  constraint event_is_stored_once unique (source, event_id)
);
-- ops.inbox_stuck: the few that are not applied yet.
create index inbox_open on public.inbox (received_at) where applied_at is null;
-- inbox.purge.
create index inbox_applied_at on public.inbox (applied_at) where applied_at is not null;
