-- Who may read which channel of the bus: user:<id> that user, live:<id> whoever may see it, live:<id>:mod who
-- moderates it. p_user null: a guest. Called by live.who_may_follow.
-- Raises nothing: what is unknown may not be followed.
create function live.may_follow(p_channel text, p_user bigint) returns boolean
language sql stable as $$
  select coalesce(p_channel = 'user:' || p_user, false) or exists (
    select from lives v
    where p_channel like 'live:%' and v.public_id = split_part(p_channel, ':', 2) and v.deleted_at is null
      and (v.visibility <> 'private' or v.owner_id is not distinct from p_user)
      and (p_channel = 'live:' || v.public_id or p_channel = 'live:' || v.public_id || ':mod' and (
        v.owner_id is not distinct from p_user
        or exists (select from chat_moderators m where m.live_id = v.id and m.user_id = p_user))))
$$;
