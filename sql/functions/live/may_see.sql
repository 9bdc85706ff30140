-- The one rule of who may see a live: everybody what is public or unlisted, what is private whoever has a badge there
-- (chat.badge: its owner, its moderators). Deleted ones nobody; that is the caller's to ask.
-- Called by live.visible_live, live.may_follow and chat.standing. One expression, so that it becomes part of theirs and
-- the badge of a public live is not looked up for it. Raises nothing.
create function live.may_see(p_visibility text, p_badge text) returns boolean
language sql immutable as $$
  select p_visibility <> 'private' or p_badge is not null
$$;
