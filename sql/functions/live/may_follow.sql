-- Who may read which channel of the bus: user:<id> that user, live:<id> whoever may see it, live:<id>:mod who
-- moderates it. p_user null: a guest. Called by live.who_may_follow.
-- Raises nothing: what is unknown may not be followed.
create function live.may_follow(p_channel text, p_user bigint) returns boolean
language sql stable as $$
  select coalesce(p_channel = 'user:' || p_user, false) or exists (
    select from lives v
    where p_channel like 'live:%' and v.public_id = split_part(p_channel, ':', 2) and v.deleted_at is null
      and (p_channel = 'live:' || v.public_id and live.may_see(v.visibility, chat.badge(v.id, p_user))
        or p_channel = 'live:' || v.public_id || ':mod' and chat.badge(v.id, p_user) is not null))
$$;
