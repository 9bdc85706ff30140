-- Who somebody is in a live's chat and what keeps them from writing there (code null: nothing); always one row.
-- Called by chat.post, chat.edit_message and chat.speakers. A function of one SELECT, so that it becomes part of theirs.
-- Raises nothing. Codes: not_found, banned, live_ended, chat_banned, chat_closed, followers_only, verified_only.
create function chat.standing(p_live text, p_user bigint, p_now timestamptz)
returns table (live_id bigint, name text, by text, is_moderator boolean, slow_seconds integer, unique_only boolean,
  link_rule text, cleared_seq bigint, code text, retry_after integer)
language sql stable rows 1 as $$
  -- Each look-up is a subquery of one row: as a join or as "exists" the planner may read the whole table once instead.
  select case when live.may_see(l.visibility, s.badge) then l.id end, u.username,
    chat.by_json(u.id, u.username, u.display_name, s.badge), s.badge is not null,
    r.slow_seconds, r.unique_only, r.link_rule, r.cleared_seq,
    case
      when u.id is null or live.may_see(l.visibility, s.badge) is not true then 'not_found'
      when u.is_banned then 'banned'
      when l.status = 'ended' then 'live_ended'
      when b.user_id is not null then 'chat_banned'
      when s.badge is not null then null
      when not r.is_open then 'chat_closed'
      when r.followers_only
        and (select true from follows f where f.user_id = u.id and f.creator_id = l.owner_id limit 1) is null
        then 'followers_only'
      when r.verified_only and u.email_verified_at is null then 'verified_only'
    end,
    case when b.until is not null then greatest(1, ceil(extract(epoch from b.until - p_now)))::integer end
  from (values (1)) as one(row)
  left join lateral (select * from users u where u.id = p_user limit 1) u on true
  left join lateral (
    select * from (select * from lives a where a.public_id = p_live limit 1) a where a.deleted_at is null
  ) l on true
  left join lateral (select * from chat_rules r where r.live_id = l.id limit 1) r on true
  left join lateral (
    select * from chat_bans b where b.live_id = l.id and b.user_id = p_user
      and (b.until is null or b.until > p_now) limit 1
  ) b on true
  left join lateral (
    select case when l.owner_id = p_user then 'owner'
      else (select 'moderator' from chat_moderators m where m.live_id = l.id and m.user_id = p_user limit 1) end
  ) s(badge) on true
$$;
