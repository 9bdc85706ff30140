-- Whether somebody may keep order in a live's chat now: its owner, or a moderator who is not silenced there.
-- Called by chat.moderated, chat.delete_message and chat.restore_message.
-- Raises nothing.
create function chat.may_moderate(p_live bigint, p_user bigint) returns boolean
language sql stable as $$
  select chat.badge(p_live, p_user) is not null and not exists (
    select from chat_bans b
    where b.live_id = p_live and b.user_id = p_user and (b.until is null or b.until > clock_timestamp())
  )
$$;
