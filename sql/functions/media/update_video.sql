-- Changes what is given (null: as it was), keeps search up to date, and returns the video. With p_publish_at it stays
-- private until then; an audience that is given calls that off.
-- Called by PATCH /api/videos/{id}.
-- Raises not_found, invalid.
create function media.update_video(p_public_id text, p_owner bigint, p_title text default null,
  p_description text default null, p_tags text[] default null, p_visibility text default null,
  p_publish_at timestamptz default null, p_ahead_days int default 366, p_now timestamptz default now()) returns jsonb
language plpgsql as $$
declare
  v_video videos := media.owned_video(p_public_id, p_owner);
begin
  v_video.title := coalesce(btrim(p_title), v_video.title);
  v_video.description := coalesce(p_description, v_video.description);
  if p_publish_at is not null then
    perform media.plan_publishing(p_publish_at, p_ahead_days, p_now);
    v_video.visibility := 'private';
    -- As exact as it is shown.
    v_video.publish_at := date_trunc('milliseconds', p_publish_at);
  elsif p_visibility is not null then
    v_video.visibility := p_visibility;
    v_video.publish_at := null;
  end if;
  if p_tags is not null then
    select coalesce(array_agg(tag order by n), '{}') into v_video.tags from (
      select distinct on (lower(btrim(t.tag))) btrim(t.tag) as tag, n
      from unnest(p_tags) with ordinality as t(tag, n) where util.is_visible(t.tag) order by lower(btrim(t.tag)), n) as kept;
  end if;
  if not util.is_visible(v_video.title) then
    perform util.fail(422, 'invalid', null, '{"title": "empty"}');
  end if;
  update videos v set
    title = v_video.title, description = v_video.description, tags = v_video.tags, visibility = v_video.visibility,
    publish_at = v_video.publish_at,
    -- A video keeps its first date when it is hidden and shown again.
    published_at = case when v_video.visibility = 'public' then coalesce(v.published_at, now()) else v.published_at end,
    search = media.search_document(v_video.title, v_video.description, v_video.tags),
    updated_at = now()
  where v.id = v_video.id
  returning * into v_video;
  perform media.drop_cached(p_public_id);
  if v_video.visibility = 'public' then
    perform media.learn_words(concat_ws(' ', v_video.title, array_to_string(v_video.tags, ' '), v_video.description));
  end if;
  return media.video_json(v_video, p_owner);
end $$;
