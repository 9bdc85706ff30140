-- Makes public what waited for its time; returns whom it concerns, for the doorbell. Twice is harmless: whoever comes
-- second finds nothing due, and locked rows belong to whoever publishes them.
-- Called by the job publish_due, at that time and each minute.
-- Raises nothing.
create function media.publish_due(p_limit int, p_now timestamptz default now()) returns text[]
language plpgsql as $$
declare
  v_video videos;
  v_ids text[] := '{}';
begin
  for v_video in
    select * from videos v where v.publish_at <= p_now order by v.publish_at limit p_limit for no key update skip locked
  loop
    -- A release that knows no such time may have published or deleted it in its own way.
    if v_video.visibility <> 'private' or v_video.deleted_at is not null then
      update videos set publish_at = null where id = v_video.id;
      continue;
    end if;
    update videos set visibility = 'public', publish_at = null, published_at = coalesce(published_at, p_now), updated_at = now()
    where id = v_video.id;
    perform media.drop_cached(v_video.public_id),
      media.learn_words(concat_ws(' ', v_video.title, array_to_string(v_video.tags, ' '), v_video.description)),
      media.tell_owner(v_video.id, case when v_video.status = 'ready' then 'video:ready' else 'video:progress' end);
    v_ids := v_ids || v_video.public_id;
  end loop;
  return v_ids;
end $$;
