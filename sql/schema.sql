-- The tables as they are now. Written by `make schema` from sql/migrations; do not edit.

CREATE SCHEMA account;

CREATE SCHEMA cache;

CREATE SCHEMA chat;

CREATE SCHEMA ct;

CREATE SCHEMA inbox;

CREATE SCHEMA live;

CREATE SCHEMA media;

CREATE SCHEMA q;

CREATE SCHEMA rt;

CREATE SCHEMA util;

CREATE TABLE public.lives (
    id bigint NOT NULL,
    public_id text NOT NULL,
    owner_id bigint NOT NULL,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    visibility text DEFAULT 'public'::text NOT NULL,
    status text DEFAULT 'scheduled'::text NOT NULL,
    scheduled_at timestamp with time zone,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    end_reason text,
    key_hash bytea NOT NULL,
    key_hint text NOT NULL,
    key_made_at timestamp with time zone DEFAULT now() NOT NULL,
    peak_viewers integer DEFAULT 0 NOT NULL,
    total_viewers integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    private_seq bigint,
    open_seq bigint DEFAULT 0 NOT NULL,
    CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['scheduled'::text, 'live'::text, 'ended'::text]))),
    CONSTRAINT title_is_not_empty CHECK ((title <> ''::text)),
    CONSTRAINT viewers_are_not_negative CHECK (((peak_viewers >= 0) AND (total_viewers >= 0))),
    CONSTRAINT visibility_is_known CHECK ((visibility = ANY (ARRAY['public'::text, 'unlisted'::text, 'private'::text])))
)
WITH (fillfactor='80');

CREATE TABLE public.chat_held (
    id bigint NOT NULL,
    live_id bigint NOT NULL,
    user_id bigint NOT NULL,
    text text NOT NULL,
    reply_to bigint,
    cid uuid NOT NULL,
    why text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    verdict text,
    reviewed_by bigint,
    reviewed_at timestamp with time zone,
    CONSTRAINT verdict_is_known CHECK ((verdict = ANY (ARRAY['approved'::text, 'rejected'::text]))),
    CONSTRAINT why_is_known CHECK ((why = ANY (ARRAY['word'::text, 'link'::text])))
);

CREATE TABLE public.chat_messages (
    live_id bigint NOT NULL,
    seq bigint NOT NULL,
    user_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL,
    reply_to bigint,
    cid uuid NOT NULL,
    edited_at timestamp with time zone,
    deleted_at timestamp with time zone,
    deleted_by text,
    edits smallint DEFAULT 0 NOT NULL,
    is_hidden boolean DEFAULT false NOT NULL,
    CONSTRAINT deleted_by_is_known CHECK ((deleted_by = ANY (ARRAY['author'::text, 'moderator'::text])))
);

CREATE TABLE public.videos (
    id bigint NOT NULL,
    public_id text NOT NULL,
    owner_id bigint NOT NULL,
    title text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    visibility text DEFAULT 'private'::text NOT NULL,
    status text DEFAULT 'uploading'::text NOT NULL,
    reason text,
    processing_progress smallint DEFAULT 0 NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    source_key text,
    size_bytes bigint DEFAULT 0 NOT NULL,
    reserved_bytes bigint DEFAULT 0 NOT NULL,
    duration_seconds double precision,
    width integer,
    height integer,
    hls_path text,
    progressive_path text,
    poster_path text,
    sprite_path text,
    probe jsonb,
    view_count bigint DEFAULT 0 NOT NULL,
    like_count bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone,
    deleted_at timestamp with time zone,
    search tsvector,
    frame_paths text[] DEFAULT '{}'::text[] NOT NULL,
    publish_at timestamp with time zone,
    CONSTRAINT progress_in_range CHECK (((processing_progress >= 0) AND (processing_progress <= 100))),
    CONSTRAINT reserved_is_not_negative CHECK ((reserved_bytes >= 0)),
    CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['uploading'::text, 'queued'::text, 'probing'::text, 'transcoding'::text, 'ready'::text, 'failed'::text]))),
    CONSTRAINT title_is_not_empty CHECK ((title <> ''::text)),
    CONSTRAINT visibility_is_known CHECK ((visibility = ANY (ARRAY['public'::text, 'unlisted'::text, 'private'::text])))
)
WITH (fillfactor='90');
ALTER TABLE ONLY public.videos ALTER COLUMN search SET STATISTICS 1000;

CREATE TABLE public.uploads (
    id bigint NOT NULL,
    public_id text NOT NULL,
    owner_id bigint NOT NULL,
    video_id bigint NOT NULL,
    filename text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    part_size integer NOT NULL,
    part_count integer NOT NULL,
    storage_key text NOT NULL,
    storage_upload_id text DEFAULT ''::text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT size_is_positive CHECK ((size_bytes > 0)),
    CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['open'::text, 'completing'::text, 'completed'::text, 'aborted'::text, 'expired'::text])))
);

CREATE SEQUENCE cache.hand
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE SEQUENCE cache.lease_token
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE ct.counter (
    kind text NOT NULL COLLATE pg_catalog."C",
    id bigint NOT NULL,
    slot smallint NOT NULL,
    n bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id bigint NOT NULL,
    user_agent text DEFAULT ''::text NOT NULL,
    ip text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    generation integer DEFAULT 0 NOT NULL,
    rotated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    display_name text NOT NULL,
    bio text DEFAULT ''::text NOT NULL,
    avatar_key text,
    role text DEFAULT 'user'::text NOT NULL,
    locale text DEFAULT 'en'::text NOT NULL,
    email_verified_at timestamp with time zone,
    is_banned boolean DEFAULT false NOT NULL,
    ban_reason text,
    storage_used_bytes bigint DEFAULT 0 NOT NULL,
    storage_quota_bytes bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    follower_count integer DEFAULT 0 NOT NULL,
    CONSTRAINT locale_is_known CHECK ((locale = ANY (ARRAY['en'::text, 'zh-TW'::text, 'ko'::text]))),
    CONSTRAINT role_is_known CHECK ((role = ANY (ARRAY['user'::text, 'moderator'::text, 'admin'::text]))),
    CONSTRAINT storage_is_not_negative CHECK ((storage_used_bytes >= 0)),
    CONSTRAINT username_is_short_and_plain CHECK ((username ~ '^[A-Za-z0-9_]{3,30}$'::text))
);

CREATE UNLOGGED TABLE public.cache_data (
    key text NOT NULL COLLATE pg_catalog."C",
    value jsonb,
    fresh_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    lease_token bigint,
    lease_until timestamp with time zone
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', vacuum_truncate=off);

CREATE TABLE public.chat_audit (
    id bigint NOT NULL,
    live_id bigint NOT NULL,
    actor_id bigint,
    action text NOT NULL,
    target_id bigint,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.inbox (
    id bigint NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    body jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    error text
);

CREATE TABLE q.dead (
    id bigint NOT NULL,
    queue smallint NOT NULL,
    priority smallint NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    attempt smallint NOT NULL,
    max_attempts smallint,
    ukey text,
    created_at timestamp with time zone NOT NULL,
    last_error jsonb,
    died_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE q.queue (
    id smallint NOT NULL,
    name text NOT NULL,
    is_paused boolean DEFAULT false NOT NULL,
    max_running integer,
    CONSTRAINT max_running_is_not_negative CHECK ((max_running >= 0))
);

CREATE TABLE q.scheduled (
    id bigint NOT NULL,
    run_at timestamp with time zone NOT NULL,
    queue smallint NOT NULL,
    priority smallint NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint,
    ukey text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error jsonb
);

CREATE SEQUENCE q.job_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE q.job (
    queue smallint NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    id bigint DEFAULT nextval('q.job_id'::regclass) NOT NULL,
    kind text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    leased_by bigint,
    leased_at timestamp with time zone,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint,
    ukey text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error jsonb
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0', vacuum_truncate=off);

CREATE TABLE rt.instance (
    id bigint NOT NULL,
    name text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    info jsonb DEFAULT '{}'::jsonb NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE rt.stream (
    channel text NOT NULL COLLATE pg_catalog."C",
    last_seq bigint DEFAULT 0 NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='0');

CREATE TABLE public.upload_parts (
    upload_id bigint NOT NULL,
    n integer NOT NULL,
    etag text NOT NULL,
    size_bytes bigint NOT NULL,
    uploaded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE UNLOGGED TABLE rt.viewers (
    channel text NOT NULL COLLATE pg_catalog."C",
    instance_id bigint NOT NULL,
    n integer NOT NULL,
    at timestamp with time zone NOT NULL,
    guests integer DEFAULT 0 NOT NULL,
    users bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    CONSTRAINT n_is_not_negative CHECK ((n >= 0))
)
WITH (fillfactor='50');

ALTER TABLE public.chat_audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chat_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chat_bans (
    live_id bigint NOT NULL,
    user_id bigint NOT NULL,
    until timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    by_user bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.chat_held ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chat_held_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chat_moderators (
    live_id bigint NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.chat_rules (
    live_id bigint NOT NULL,
    is_open boolean DEFAULT true NOT NULL,
    slow_seconds integer DEFAULT 0 NOT NULL,
    followers_only boolean DEFAULT false NOT NULL,
    verified_only boolean DEFAULT false NOT NULL,
    unique_only boolean DEFAULT false NOT NULL,
    link_rule text DEFAULT 'allow'::text NOT NULL,
    blocked_words text[] DEFAULT '{}'::text[] NOT NULL,
    pinned_seq bigint,
    cleared_seq bigint DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT link_rule_is_known CHECK ((link_rule = ANY (ARRAY['allow'::text, 'hold'::text, 'block'::text]))),
    CONSTRAINT slow_seconds_in_range CHECK (((slow_seconds >= 0) AND (slow_seconds <= 3600)))
);

CREATE TABLE public.follows (
    user_id bigint NOT NULL,
    creator_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT nobody_follows_themselves CHECK ((user_id <> creator_id))
);

ALTER TABLE public.inbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.live_viewers (
    live_id bigint NOT NULL,
    viewer bytea NOT NULL
);

ALTER TABLE public.lives ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lives_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mail_tokens (
    token_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    purpose text NOT NULL,
    email text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT purpose_is_known CHECK ((purpose = ANY (ARRAY['verify'::text, 'reset'::text])))
);

CREATE TABLE public.refresh_tokens (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    generation integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.search_words (
    word text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.transcode_jobs (
    video_id bigint NOT NULL,
    attempt integer NOT NULL,
    client_token text NOT NULL,
    job_id text,
    status text DEFAULT 'intended'::text NOT NULL,
    percent smallint DEFAULT 0 NOT NULL,
    is_retry boolean DEFAULT false NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    error_code integer,
    error_message text,
    last_event_at timestamp with time zone,
    checked_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT percent_in_range CHECK (((percent >= 0) AND (percent <= 100))),
    CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['intended'::text, 'submitted'::text, 'progressing'::text, 'complete'::text, 'error'::text, 'canceled'::text])))
);

CREATE TABLE public.transcode_minutes (
    owner_id bigint NOT NULL,
    day date NOT NULL,
    minutes double precision NOT NULL,
    CONSTRAINT minutes_not_negative CHECK ((minutes >= (0)::double precision))
);

ALTER TABLE public.uploads ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.uploads_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.video_captions (
    video_id bigint NOT NULL,
    lang text NOT NULL,
    label text NOT NULL,
    path text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    size_bytes integer DEFAULT 0 NOT NULL,
    CONSTRAINT lang_is_a_tag CHECK ((lang ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$'::text))
);

CREATE TABLE public.video_likes (
    video_id bigint NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.video_positions (
    user_id bigint NOT NULL,
    video_id bigint NOT NULL,
    seconds double precision NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT seconds_is_not_negative CHECK ((seconds >= (0)::double precision))
);

CREATE TABLE public.video_qualities (
    video_id bigint NOT NULL,
    attempt integer NOT NULL,
    label text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    bitrate integer NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    progress smallint DEFAULT 0 NOT NULL,
    CONSTRAINT progress_in_range CHECK (((progress >= 0) AND (progress <= 100))),
    CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'working'::text, 'ready'::text, 'failed'::text])))
);

CREATE UNLOGGED TABLE public.video_viewers (
    video_id bigint NOT NULL,
    viewer bytea NOT NULL,
    counted_at timestamp with time zone NOT NULL
);

CREATE TABLE public.video_views_daily (
    video_id bigint NOT NULL,
    day date NOT NULL,
    views bigint NOT NULL
);

ALTER TABLE public.videos ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.videos_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE q.cron (
    name text NOT NULL,
    every_seconds integer,
    expr text,
    tz text DEFAULT 'UTC'::text NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    is_listed boolean DEFAULT false NOT NULL,
    next_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone,
    CONSTRAINT interval_is_positive CHECK ((every_seconds > 0)),
    CONSTRAINT interval_or_expression CHECK (((every_seconds IS NULL) <> (expr IS NULL)))
);

CREATE TABLE q.uniq (
    ukey text NOT NULL COLLATE pg_catalog."C",
    job_id bigint NOT NULL
)
WITH (fillfactor='70');

CREATE UNLOGGED TABLE rt.blob (
    id bigint NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    data text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE rt.blob ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME rt.blob_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE rt.era (
    is_only boolean DEFAULT true NOT NULL,
    n bigint NOT NULL,
    CONSTRAINT there_is_one CHECK (is_only)
);

CREATE TABLE rt.event (
    channel text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    data jsonb NOT NULL
)
PARTITION BY RANGE (at);

ALTER TABLE rt.instance ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME rt.instance_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE UNLOGGED TABLE rt.leader (
    name text NOT NULL,
    holder bigint NOT NULL,
    token bigint NOT NULL,
    until timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE SEQUENCE rt.leader_token
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE UNLOGGED TABLE rt.ticket (
    hash bytea NOT NULL,
    user_id bigint NOT NULL,
    session_id text,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE util.function_file (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE util.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE UNLOGGED TABLE util.rate (
    key text NOT NULL COLLATE pg_catalog."C",
    empty_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY ct.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (kind, id, slot);

ALTER TABLE ONLY public.cache_data
    ADD CONSTRAINT cache_data_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.chat_audit
    ADD CONSTRAINT chat_audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_pkey PRIMARY KEY (live_id, user_id);

ALTER TABLE ONLY public.chat_held
    ADD CONSTRAINT chat_held_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_messages
    ADD CONSTRAINT chat_messages_pkey PRIMARY KEY (live_id, seq);

ALTER TABLE ONLY public.chat_moderators
    ADD CONSTRAINT chat_moderators_pkey PRIMARY KEY (live_id, user_id);

ALTER TABLE ONLY public.chat_rules
    ADD CONSTRAINT chat_rules_pkey PRIMARY KEY (live_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT event_is_stored_once UNIQUE (source, event_id);

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_pkey PRIMARY KEY (user_id, creator_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.live_viewers
    ADD CONSTRAINT live_viewers_pkey PRIMARY KEY (live_id, viewer);

ALTER TABLE ONLY public.lives
    ADD CONSTRAINT lives_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.lives
    ADD CONSTRAINT lives_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lives
    ADD CONSTRAINT lives_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.mail_tokens
    ADD CONSTRAINT mail_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT search_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.transcode_jobs
    ADD CONSTRAINT transcode_jobs_client_token_key UNIQUE (client_token);

ALTER TABLE ONLY public.transcode_jobs
    ADD CONSTRAINT transcode_jobs_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY public.transcode_jobs
    ADD CONSTRAINT transcode_jobs_pkey PRIMARY KEY (video_id, attempt);

ALTER TABLE ONLY public.transcode_minutes
    ADD CONSTRAINT transcode_minutes_pkey PRIMARY KEY (owner_id);

ALTER TABLE ONLY public.upload_parts
    ADD CONSTRAINT upload_parts_pkey PRIMARY KEY (upload_id, n);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.video_captions
    ADD CONSTRAINT video_captions_pkey PRIMARY KEY (video_id, lang);

ALTER TABLE ONLY public.video_likes
    ADD CONSTRAINT video_likes_pkey PRIMARY KEY (video_id, user_id);

ALTER TABLE ONLY public.video_positions
    ADD CONSTRAINT video_positions_pkey PRIMARY KEY (user_id, video_id);

ALTER TABLE ONLY public.video_qualities
    ADD CONSTRAINT video_qualities_pkey PRIMARY KEY (video_id, attempt, label);

ALTER TABLE ONLY public.video_viewers
    ADD CONSTRAINT video_viewers_pkey PRIMARY KEY (video_id, viewer);

ALTER TABLE ONLY public.video_views_daily
    ADD CONSTRAINT video_views_daily_pkey PRIMARY KEY (video_id, day);

ALTER TABLE ONLY public.videos
    ADD CONSTRAINT videos_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.videos
    ADD CONSTRAINT videos_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY q.cron
    ADD CONSTRAINT cron_pkey PRIMARY KEY (name);

ALTER TABLE ONLY q.dead
    ADD CONSTRAINT dead_pkey PRIMARY KEY (id);

ALTER TABLE ONLY q.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (queue, priority, id);

ALTER TABLE ONLY q.queue
    ADD CONSTRAINT queue_name_key UNIQUE (name);

ALTER TABLE ONLY q.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (id);

ALTER TABLE ONLY q.scheduled
    ADD CONSTRAINT scheduled_pkey PRIMARY KEY (id);

ALTER TABLE ONLY q.uniq
    ADD CONSTRAINT uniq_pkey PRIMARY KEY (ukey);

ALTER TABLE ONLY rt.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rt.era
    ADD CONSTRAINT era_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY rt.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY rt.leader
    ADD CONSTRAINT leader_pkey PRIMARY KEY (name);

ALTER TABLE ONLY rt.stream
    ADD CONSTRAINT stream_pkey PRIMARY KEY (channel);

ALTER TABLE ONLY rt.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY rt.viewers
    ADD CONSTRAINT viewers_pkey PRIMARY KEY (channel, instance_id);

ALTER TABLE ONLY util.function_file
    ADD CONSTRAINT function_file_pkey PRIMARY KEY (name);

ALTER TABLE ONLY util.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY util.rate
    ADD CONSTRAINT rate_pkey PRIMARY KEY (key);

CREATE INDEX chat_audit_live ON public.chat_audit USING btree (live_id, id DESC);

CREATE INDEX chat_bans_newest ON public.chat_bans USING btree (live_id, created_at DESC, user_id DESC);

CREATE INDEX chat_bans_user ON public.chat_bans USING btree (user_id);

CREATE UNIQUE INDEX chat_held_cid ON public.chat_held USING btree (live_id, user_id, cid);

CREATE INDEX chat_held_open ON public.chat_held USING btree (live_id, id) WHERE (verdict IS NULL);

CREATE INDEX chat_held_sender ON public.chat_held USING btree (live_id, user_id, created_at);

CREATE UNIQUE INDEX chat_messages_cid ON public.chat_messages USING btree (live_id, user_id, cid);

CREATE INDEX chat_messages_reply ON public.chat_messages USING btree (live_id, reply_to) WHERE (reply_to IS NOT NULL);

CREATE INDEX chat_messages_sender ON public.chat_messages USING btree (live_id, user_id, at);

CREATE INDEX chat_moderators_user ON public.chat_moderators USING btree (user_id);

CREATE INDEX follows_creator ON public.follows USING btree (creator_id, created_at DESC);

CREATE INDEX inbox_applied_at ON public.inbox USING btree (applied_at) WHERE (applied_at IS NOT NULL);

CREATE INDEX inbox_open ON public.inbox USING btree (received_at) WHERE (applied_at IS NULL);

CREATE INDEX lives_deleted ON public.lives USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE INDEX lives_on_air ON public.lives USING btree (started_at DESC, id DESC) WHERE ((status = 'live'::text) AND (visibility = 'public'::text) AND (deleted_at IS NULL));

CREATE INDEX lives_owner ON public.lives USING btree (owner_id, id DESC) WHERE (deleted_at IS NULL);

CREATE INDEX lives_owner_open ON public.lives USING btree (owner_id) WHERE ((status <> 'ended'::text) AND (deleted_at IS NULL));

CREATE INDEX lives_owner_past ON public.lives USING btree (owner_id, ended_at DESC, id DESC) WHERE ((status = 'ended'::text) AND (visibility = 'public'::text) AND (deleted_at IS NULL));

CREATE INDEX lives_past ON public.lives USING btree (ended_at DESC, id DESC) WHERE ((status = 'ended'::text) AND (visibility = 'public'::text) AND (deleted_at IS NULL));

CREATE INDEX lives_upcoming ON public.lives USING btree (scheduled_at, id) WHERE ((status = 'scheduled'::text) AND (visibility = 'public'::text) AND (deleted_at IS NULL) AND (scheduled_at IS NOT NULL));

CREATE INDEX mail_tokens_expires ON public.mail_tokens USING btree (expires_at);

CREATE INDEX mail_tokens_user ON public.mail_tokens USING btree (user_id, purpose);

CREATE INDEX refresh_tokens_session ON public.refresh_tokens USING btree (session_id, generation);

CREATE INDEX search_words_trigrams ON public.search_words USING gin (word public.gin_trgm_ops) WITH (fastupdate=off);

CREATE INDEX sessions_expires ON public.sessions USING btree (expires_at);

CREATE INDEX sessions_user ON public.sessions USING btree (user_id, last_seen_at DESC);

CREATE INDEX transcode_jobs_running ON public.transcode_jobs USING btree (created_at) WHERE (status = ANY (ARRAY['intended'::text, 'submitted'::text, 'progressing'::text]));

CREATE INDEX uploads_open_until ON public.uploads USING btree (expires_at) WHERE (status = ANY (ARRAY['open'::text, 'completing'::text]));

CREATE INDEX uploads_owner ON public.uploads USING btree (owner_id, id DESC) WHERE (status = ANY (ARRAY['open'::text, 'completing'::text]));

CREATE INDEX uploads_video ON public.uploads USING btree (video_id);

CREATE UNIQUE INDEX users_confirmed_email ON public.users USING btree (lower(email)) WHERE (email_verified_at IS NOT NULL);

CREATE INDEX users_email ON public.users USING btree (lower(email), id);

CREATE UNIQUE INDEX users_username_lower ON public.users USING btree (lower(username));

CREATE INDEX video_likes_user ON public.video_likes USING btree (user_id);

CREATE INDEX video_positions_video ON public.video_positions USING btree (video_id);

CREATE INDEX video_viewers_counted ON public.video_viewers USING brin (counted_at) WITH (autosummarize='on');

CREATE INDEX videos_at_work ON public.videos USING btree (updated_at) WHERE (status = ANY (ARRAY['queued'::text, 'probing'::text, 'transcoding'::text]));

CREATE INDEX videos_due ON public.videos USING btree (publish_at) WHERE (publish_at IS NOT NULL);

CREATE INDEX videos_newest ON public.videos USING btree (published_at DESC, id DESC) WHERE ((visibility = 'public'::text) AND (deleted_at IS NULL) AND ((hls_path IS NOT NULL) OR (progressive_path IS NOT NULL)));

CREATE INDEX videos_owner ON public.videos USING btree (owner_id, id DESC) WHERE (deleted_at IS NULL);

CREATE INDEX videos_owner_newest ON public.videos USING btree (owner_id, published_at DESC, id DESC) WHERE ((visibility = 'public'::text) AND (deleted_at IS NULL) AND ((hls_path IS NOT NULL) OR (progressive_path IS NOT NULL)));

CREATE INDEX videos_popular ON public.videos USING btree (view_count DESC, id DESC) WHERE ((visibility = 'public'::text) AND (deleted_at IS NULL) AND ((hls_path IS NOT NULL) OR (progressive_path IS NOT NULL)));

CREATE INDEX videos_search ON public.videos USING gin (search) WITH (fastupdate=off) WHERE ((visibility = 'public'::text) AND (deleted_at IS NULL) AND ((hls_path IS NOT NULL) OR (progressive_path IS NOT NULL)));

CREATE INDEX dead_died_at ON q.dead USING btree (died_at);

CREATE INDEX scheduled_run_at ON q.scheduled USING btree (run_at);

CREATE INDEX event_at ON ONLY rt.event USING brin (at) WITH (autosummarize='on');

CREATE INDEX event_channel_seq ON ONLY rt.event USING btree (channel, seq);

CREATE INDEX rate_empty ON util.rate USING btree (empty_at);

CREATE TRIGGER evict_expired AFTER INSERT ON public.cache_data FOR EACH STATEMENT EXECUTE FUNCTION cache.on_write();

ALTER TABLE ONLY public.chat_audit
    ADD CONSTRAINT chat_audit_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_audit
    ADD CONSTRAINT chat_audit_live_id_fkey FOREIGN KEY (live_id) REFERENCES public.lives(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_audit
    ADD CONSTRAINT chat_audit_target_id_fkey FOREIGN KEY (target_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_by_user_fkey FOREIGN KEY (by_user) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_live_id_fkey FOREIGN KEY (live_id) REFERENCES public.lives(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_held
    ADD CONSTRAINT chat_held_live_id_fkey FOREIGN KEY (live_id) REFERENCES public.lives(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_held
    ADD CONSTRAINT chat_held_reviewed_by_fkey FOREIGN KEY (reviewed_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_held
    ADD CONSTRAINT chat_held_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_messages
    ADD CONSTRAINT chat_messages_live_id_fkey FOREIGN KEY (live_id) REFERENCES public.lives(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_messages
    ADD CONSTRAINT chat_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_moderators
    ADD CONSTRAINT chat_moderators_live_id_fkey FOREIGN KEY (live_id) REFERENCES public.lives(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_moderators
    ADD CONSTRAINT chat_moderators_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_rules
    ADD CONSTRAINT chat_rules_live_id_fkey FOREIGN KEY (live_id) REFERENCES public.lives(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.live_viewers
    ADD CONSTRAINT live_viewers_live_id_fkey FOREIGN KEY (live_id) REFERENCES public.lives(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lives
    ADD CONSTRAINT lives_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mail_tokens
    ADD CONSTRAINT mail_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.transcode_jobs
    ADD CONSTRAINT transcode_jobs_video_id_fkey FOREIGN KEY (video_id) REFERENCES public.videos(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.transcode_minutes
    ADD CONSTRAINT transcode_minutes_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.upload_parts
    ADD CONSTRAINT upload_parts_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES public.uploads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_video_id_fkey FOREIGN KEY (video_id) REFERENCES public.videos(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.video_captions
    ADD CONSTRAINT video_captions_video_id_fkey FOREIGN KEY (video_id) REFERENCES public.videos(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.video_likes
    ADD CONSTRAINT video_likes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.video_likes
    ADD CONSTRAINT video_likes_video_id_fkey FOREIGN KEY (video_id) REFERENCES public.videos(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.video_positions
    ADD CONSTRAINT video_positions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.video_positions
    ADD CONSTRAINT video_positions_video_id_fkey FOREIGN KEY (video_id) REFERENCES public.videos(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.video_qualities
    ADD CONSTRAINT video_qualities_video_id_fkey FOREIGN KEY (video_id) REFERENCES public.videos(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.video_views_daily
    ADD CONSTRAINT video_views_daily_video_id_fkey FOREIGN KEY (video_id) REFERENCES public.videos(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.videos
    ADD CONSTRAINT videos_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;
