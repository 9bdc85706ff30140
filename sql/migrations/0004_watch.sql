-- Watching: search, likes, views, positions, captions.
-- The table is empty when this runs first: no write waits for these indexes.
-- squawk-ignore-file require-concurrent-index-creation
create schema if not exists media;
create extension if not exists pg_trgm;
create extension if not exists fuzzystrmatch;

-- Written by media.update_video: words, and for Chinese, Japanese and Korean single and paired characters.
alter table videos add column search tsvector;
-- Folded views are the only frequent change; a little room keeps the others on their page.
alter table videos set (fillfactor = 90);

-- What everybody may find: public, not deleted, and something to play. The same words stand in every query
-- that uses one of these indexes.
-- media.list_videos newest
create index videos_newest on videos (published_at desc, id desc)
  where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null);
-- media.list_videos popular, media.search_videos popular and relevance
create index videos_popular on videos (view_count desc, id desc)
  where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null);
-- media.list_videos of one owner
create index videos_owner_newest on videos (owner_id, published_at desc, id desc)
  where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null);
-- media.search_videos, media.related. No pending list: a reader would have to walk it.
create index videos_search on videos using gin (search) with (fastupdate = off)
  where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null);
-- Common words decide the plan of a search; the default keeps too few of them.
alter table videos alter column search set statistics 1000;

-- Every word of four letters and more that was ever searchable: what a misspelt word is compared with.
create table search_words (
  word text collate "C" primary key
);
-- media.correct_query
create index search_words_trigrams on search_words using gin (word gin_trgm_ops) with (fastupdate = off);

create table video_likes (
  video_id bigint not null references videos on delete cascade,
  user_id bigint not null references users on delete cascade,
  created_at timestamptz not null default now(),
  primary key (video_id, user_id)
);
-- the cascade from users
create index video_likes_user on video_likes (user_id);

-- Who was counted within the last hour. A keyed hash, never an address. Losing it in a crash counts a viewer twice.
create unlogged table video_viewers (
  video_id bigint not null,
  viewer bytea not null,
  counted_at timestamptz not null,
  primary key (video_id, viewer)
);
-- media.forget_viewers
create index video_viewers_counted on video_viewers using brin (counted_at) with (autosummarize = on);

create table video_views_daily (
  video_id bigint not null references videos on delete cascade,
  day date not null,
  views bigint not null,
  primary key (video_id, day)
);

create table video_positions (
  user_id bigint not null references users on delete cascade,
  video_id bigint not null references videos on delete cascade,
  seconds double precision not null,
  updated_at timestamptz not null default now(),
  primary key (user_id, video_id),
  constraint seconds_is_not_negative check (seconds >= 0)
);
-- the cascade from videos
create index video_positions_video on video_positions (video_id);

create table video_captions (
  video_id bigint not null references videos on delete cascade,
  lang text not null,
  label text not null,
  -- Behind vod/<public_id>/ like the other paths of a video.
  path text not null,
  created_at timestamptz not null default now(),
  primary key (video_id, lang),
  constraint lang_is_a_tag check (lang ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$')
);
