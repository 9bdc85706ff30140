-- Pictures made of the video, the automatic one first; poster_path is the one of them that is shown, or poster/<name>,
-- which its owner sent. media.set_poster.
alter table public.videos add column frame_paths text[] not null default '{}';
