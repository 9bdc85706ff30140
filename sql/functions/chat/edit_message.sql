-- Changes the text of a message of one's own within p_seconds, p_most times; returns why not, or null and the event is
-- told. Called by PATCH /api/lives/{id}/messages/{seq} and pub chat:edit. The codes returned are those of chat.standing
-- and words_blocked, links_blocked, not_unique, slow_down, too_late, too_many_edits. Raises not_found, invalid.
create function chat.edit_message(p_live text, p_user bigint, p_seq bigint, p_text text, p_seconds integer,
  p_max_chars integer, p_most integer, p_unique_among integer, p_now timestamptz default null)
returns table (code text, retry_after integer) language plpgsql as $$
#variable_conflict use_column
declare
  v_live lives := live.visible_live(p_live, p_user);
  v_now timestamptz;
  v_standing record;
  v_message chat_messages;
  v_wait integer;
begin
  perform chat.lock_rooms(array[p_live]);
  v_now := coalesce(p_now, clock_timestamp());
  select * into v_standing from chat.standing(p_live, p_user, v_now);
  select * into v_message from chat_messages m
  where m.live_id = v_live.id and m.seq = p_seq and m.user_id = p_user and m.seq > v_standing.cleared_seq
    and m.deleted_at is null;
  if not found then
    perform util.fail(404, 'not_found');
  elsif p_text = '' or length(p_text) > p_max_chars then
    perform util.fail(422, 'invalid', null, jsonb_build_object('text', 'message_length'));
  end if;
  if v_standing.code is not null then
    return query select v_standing.code, v_standing.retry_after;
    return;
  elsif v_message.at + make_interval(secs => p_seconds) < v_now then
    return query select 'too_late', null::integer;
    return;
  elsif v_message.text = p_text then
    return query select null::text, null::integer;
    return;
  elsif v_message.edits >= p_most then
    return query select 'too_many_edits', null::integer;
    return;
  end if;
  if not v_standing.is_moderator then
    v_wait := chat.edit_wait(v_live.id, p_user, v_standing.slow_seconds, p_seconds, v_now);
    if v_wait > 0 then
      return query select 'slow_down', v_wait;
      return;
    elsif v_standing.unique_only and chat.was_said(v_live.id, p_text, p_seq, p_unique_among) then
      return query select 'not_unique', null::integer;
      return;
    end if;
    -- What would be held is refused here: the message stands already, and must not change behind a moderator's back.
    case chat.find_blocked(v_live.id, p_text)
      when 'word' then return query select 'words_blocked', null::integer; return;
      when 'link' then return query select 'links_blocked', null::integer; return;
      else null;
    end case;
  end if;
  update chat_messages m set text = p_text, edited_at = v_now, edits = m.edits + 1
  where m.live_id = v_live.id and m.seq = p_seq;
  perform chat.rewrite(v_live, array[p_seq], p_text);
  perform rt.publish('live:' || p_live, 'chat:edited', jsonb_build_object('seq', p_seq, 'text', p_text));
  return query select null::text, null::integer;
end $$;
