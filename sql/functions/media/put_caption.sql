-- Makes a stored file of so many bytes the captions of a language; returns the path it replaces, if any.
-- Called by PUT /api/videos/{id}/captions/{lang}, after the file is stored.
-- Raises not_found, too_many_captions, quota_exceeded.
create function media.put_caption(p_public_id text, p_owner bigint, p_lang text, p_label text, p_path text,
  p_size integer default 0) returns text
language plpgsql as $$
declare
  v_video videos := media.owned_video(p_public_id, p_owner);
  v_old video_captions;
begin
  select * into v_old from video_captions where video_id = v_video.id and lang = p_lang;
  if v_old.path is null and (select count(*) from video_captions where video_id = v_video.id) >= 20 then
    perform util.fail(409, 'too_many_captions');
  end if;
  insert into video_captions (video_id, lang, label, path, size_bytes)
  values (v_video.id, p_lang, p_label, p_path, p_size)
  on conflict (video_id, lang) do update
    set label = excluded.label, path = excluded.path, size_bytes = excluded.size_bytes, created_at = now();
  perform media.hold_more(v_video.id, p_size - coalesce(v_old.size_bytes, 0));
  perform cache.drop(array['video:' || p_public_id]);
  return v_old.path;
end $$;
