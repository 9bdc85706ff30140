-- What was said while a live was private is not told to those it opens to (live.change_audience).
alter table public.lives
  -- The number of the channel's event that made it private; null while it is not, and for one made private.
  add column private_seq bigint,
  -- Nobody is told events up to this number any more: of the last one that opened it.
  add column open_seq bigint not null default 0;
-- Said in private; shown to nobody since.
alter table public.chat_messages add column is_hidden boolean not null default false;
