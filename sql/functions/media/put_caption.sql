-- Makes a stored file the captions of a language; returns the path it replaces, if any.
-- Called by PUT /api/videos/{id}/captions/{lang}, after the file is stored.
-- Raises not_found, too_many_captions.
create function media.put_caption(p_public_id text, p_owner bigint, p_lang text, p_label text, p_path text) returns text
language plpgsql as $$
declare
  v_video videos := media.owned_video(p_public_id, p_owner);
  v_old text;
begin
  select path into v_old from video_captions where video_id = v_video.id and lang = p_lang;
  if v_old is null and (select count(*) from video_captions where video_id = v_video.id) >= 20 then
    perform util.fail(409, 'too_many_captions');
  end if;
  insert into video_captions (video_id, lang, label, path) values (v_video.id, p_lang, p_label, p_path)
  on conflict (video_id, lang) do update set label = excluded.label, path = excluded.path, created_at = now();
  perform cache.drop(array['video:' || p_public_id]);
  return v_old;
end $$;
