-- Videos, their renditions, uploads with their parts, and what was asked of the transcoder.
create schema if not exists media;
create schema if not exists ops;

create table videos (
  id bigint generated always as identity primary key,
  public_id text not null unique,
  owner_id bigint not null references users on delete cascade,
  title text not null,
  description text not null default '',
  tags text[] not null default '{}',
  visibility text not null default 'private',
  status text not null default 'uploading',
  reason text,
  processing_progress smallint not null default 0,
  -- The current try at transcoding; events of another one are ignored.
  attempt int not null default 0,
  source_key text,
  size_bytes bigint not null default 0,
  -- What this video holds of its owner's quota; given back once, when the upload ends or the video goes.
  reserved_bytes bigint not null default 0,
  duration_seconds double precision,
  width int,
  height int,
  -- Paths behind vod/<public_id>/ in the media bucket.
  hls_path text,
  progressive_path text,
  poster_path text,
  sprite_path text,
  probe jsonb,
  view_count bigint not null default 0,
  like_count bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  published_at timestamptz,
  deleted_at timestamptz,
  constraint visibility_is_known check (visibility in ('public', 'unlisted', 'private')),
  constraint status_is_known check (status in ('uploading', 'queued', 'probing', 'transcoding', 'ready', 'failed')),
  constraint progress_in_range check (processing_progress between 0 and 100),
  constraint title_is_not_empty check (title <> ''),
  constraint reserved_is_not_negative check (reserved_bytes >= 0)
);
-- media.list_mine
create index videos_owner on videos (owner_id, id desc) where deleted_at is null;
-- the sweeper: media.fail_stranded
create index videos_at_work on videos (updated_at) where status in ('queued', 'probing', 'transcoding');

create table video_qualities (
  video_id bigint not null references videos on delete cascade,
  attempt int not null,
  label text not null,
  width int not null,
  height int not null,
  bitrate int not null,
  status text not null default 'pending',
  progress smallint not null default 0,
  primary key (video_id, attempt, label),
  constraint status_is_known check (status in ('pending', 'working', 'ready', 'failed')),
  constraint progress_in_range check (progress between 0 and 100)
);

create table uploads (
  id bigint generated always as identity primary key,
  public_id text not null unique,
  owner_id bigint not null references users on delete cascade,
  video_id bigint not null references videos on delete cascade,
  filename text not null,
  content_type text not null,
  size_bytes bigint not null,
  part_size int not null,
  part_count int not null,
  storage_key text not null,
  -- S3's id; empty between our row and S3's answer.
  storage_upload_id text not null default '',
  status text not null default 'open',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint status_is_known check (status in ('open', 'completing', 'completed', 'aborted', 'expired')),
  constraint size_is_positive check (size_bytes > 0)
);
-- the cascade from videos; media.start_purge
create index uploads_video on uploads (video_id);
-- media.list_uploads, media.create_upload
create index uploads_owner on uploads (owner_id, id desc) where status in ('open', 'completing');
-- the janitor: media.expire_uploads
create index uploads_open_until on uploads (expires_at) where status in ('open', 'completing');

create table upload_parts (
  upload_id bigint not null references uploads on delete cascade,
  n int not null,
  etag text not null,
  size_bytes bigint not null,
  uploaded_at timestamptz not null default now(),
  primary key (upload_id, n)
);

-- Our own intent: written before CreateJob, so that a worker killed in between never pays for two jobs.
create table transcode_jobs (
  video_id bigint not null references videos on delete cascade,
  attempt int not null,
  client_token text not null unique,
  job_id text unique,
  status text not null default 'intended',
  percent smallint not null default 0,
  -- Started by us after a passing error of the transcoder: the next one is final.
  is_retry boolean not null default false,
  settings jsonb not null default '{}',
  error_code int,
  error_message text,
  last_event_at timestamptz,
  checked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (video_id, attempt),
  constraint percent_in_range check (percent between 0 and 100),
  constraint status_is_known check (status in ('intended', 'submitted', 'progressing', 'complete', 'error', 'canceled'))
);
-- the sweeper: media.silent_transcodes
create index transcode_jobs_running on transcode_jobs (created_at) where status in ('intended', 'submitted', 'progressing');
