-- Public lives of those a person follows as JSON text: on air (latest first), then upcoming (soonest first).
-- Called by GET /api/users/me/following/lives. A person has few open ones, so there is one page.
-- Raises nothing.
create function live.list_followed(p_viewer bigint, p_limit int, p_now timestamptz default now()) returns text
language sql stable as $$
  select live.page_json('followed', array(
    select open.v from follows f
    -- Bounded, so that each creator's are looked up rather than all lives read.
    cross join lateral (
      select v from lives v
      where v.owner_id = f.creator_id and v.status <> 'ended' and v.visibility = 'public' and v.deleted_at is null
        -- Who is late by more than an hour is not expected any more.
        and (v.status = 'live' or v.scheduled_at > p_now - interval '1 hour')
      order by v.status = 'live' desc, v.scheduled_at, v.id limit p_limit) as open
    where f.user_id = p_viewer
    order by (open.v).status = 'live' desc, case (open.v).status when 'live' then (open.v).started_at end desc,
      (open.v).scheduled_at, (open.v).id
    limit p_limit), p_limit)::text
$$;
