-- Captions count to their owner's storage, as part of what their video holds (videos.reserved_bytes). Those stored
-- before count as nothing, and give nothing back.
alter table public.video_captions add column size_bytes integer not null default 0;
