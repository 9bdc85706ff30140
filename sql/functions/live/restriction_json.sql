-- What keeps somebody from writing in a live's chat, or null.
-- Called by live.live_json.
-- Raises nothing.
create function live.restriction_json(p_live bigint, p_user bigint, p_now timestamptz default clock_timestamp()) returns jsonb
language sql stable as $$
  select jsonb_build_object('kind', case when b.until is null then 'ban' else 'timeout' end,
    'until', util.utc_text(b.until), 'reason', b.reason)
  from chat_bans b where b.live_id = p_live and b.user_id = p_user and (b.until is null or b.until > p_now)
$$;
