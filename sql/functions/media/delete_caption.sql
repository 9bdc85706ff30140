-- Takes the captions of a language away; returns the path of the file that is now unused.
-- Called by DELETE /api/videos/{id}/captions/{lang}.
-- Raises not_found.
create function media.delete_caption(p_public_id text, p_owner bigint, p_lang text) returns text
language plpgsql as $$
declare
  v_video videos := media.owned_video(p_public_id, p_owner);
  v_old video_captions;
begin
  delete from video_captions where video_id = v_video.id and lang = p_lang returning * into v_old;
  if v_old.path is null then
    perform util.fail(404, 'not_found');
  end if;
  perform media.hold_more(v_video.id, -v_old.size_bytes);
  perform cache.drop(array['video:' || p_public_id]);
  return v_old.path;
end $$;
