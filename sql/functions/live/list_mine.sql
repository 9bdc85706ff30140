-- One page of an owner's own lives, newest first.
-- Called by GET /api/users/me/lives.
-- Raises nothing.
create function live.list_mine(p_owner bigint, p_id bigint, p_limit int) returns text
language sql stable as $$
  select live.page_json('mine', array(
    select v from lives v
    where v.owner_id = p_owner and v.deleted_at is null and v.id < coalesce(p_id, 9223372036854775807)
    order by v.id desc limit p_limit + 1), p_limit)::text
$$;
