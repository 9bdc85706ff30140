-- A private video becomes public at this time. media.publish_due.
-- The column is new and the index of no row: writes wait for one reading of the table, a second for a million videos.
-- squawk-ignore-file require-concurrent-index-creation
alter table public.videos add column publish_at timestamptz;
create index videos_due on public.videos (publish_at) where publish_at is not null;
