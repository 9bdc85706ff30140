-- Who is watching: numbers per process and channel, and who was ever there.

-- One row per channel and process, told again every few seconds: live.report_viewers; live.count_viewers adds up. After a crash it fills by itself.
create unlogged table rt.viewers (
  channel     text collate "C" not null,
  instance_id bigint not null,
  n           integer not null,
  at          timestamptz not null,
  primary key (channel, instance_id),
  constraint n_is_not_negative check (n >= 0)
) with (fillfactor = 50);

-- Everybody who was ever in a broadcast, once: a keyed hash of the user, or of a guest's address and browser.
create table public.live_viewers (
  live_id bigint not null references public.lives on delete cascade,
  viewer  bytea not null,
  primary key (live_id, viewer)
);
