-- A private video becomes public at this time. media.publish_due.
alter table public.videos add column publish_at timestamptz;
create index videos_due on public.videos (publish_at) where publish_at is not null;
