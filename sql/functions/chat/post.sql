-- Posts a batch of messages: judges each by its live's rules, and in one commit stores, numbers and appends what passes.
-- One row per item, in order: code null and seq, at when posted; 'held' when a moderator looks first; else why it is
-- refused. With data, an event was appended now: to the live's channel, or to the moderators' when held. Called by
-- app/pg/chat.py. Raises nothing; codes are those of chat.standing and invalid, slow_down, not_unique, links_blocked.
-- p_most: messages of one sender in one live within p_window.
create function chat.post(p_live text[], p_user bigint[], p_text text[], p_reply_to bigint[], p_cid uuid[],
  p_most integer, p_window interval, p_max_chars integer, p_unique_among integer, p_now timestamptz default null)
returns table (ord bigint, code text, retry_after integer, seq bigint, at timestamptz, data text)
language plpgsql
-- One plan for all: built once a connection, and never one that reads a table because it was small then.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz;
begin
  perform chat.lock_rooms(p_live);
  v_now := coalesce(p_now, clock_timestamp());
  return query
  with item as materialized (
    select t.ord, t.live, t.user_id, t.text, t.reply_to, t.cid, s.*, before.seq as old_seq, before.at as old_at,
      waits.id is not null as was_held,
      -- The same message twice in one batch: the first decides for all.
      row_number() over (partition by t.live, t.user_id, t.cid order by t.ord) as take
    from unnest(p_live, p_user, p_text, p_reply_to, p_cid) with ordinality as t(live, user_id, text, reply_to, cid, ord)
    cross join lateral chat.standing(t.live, t.user_id, v_now) s
    left join lateral (
      select m.seq, m.at from chat_messages m
      where m.live_id = s.live_id and m.user_id = t.user_id and m.cid = t.cid limit 1
    ) before on true
    left join lateral (
      select h.id from chat_held h where h.live_id = s.live_id and h.user_id = t.user_id and h.cid = t.cid limit 1
    ) waits on true
  ), worded as materialized (
    select r.live_id, chat.word_marks(r.blocked_words) as marks
    from (select distinct live_id from item) i join chat_rules r on r.live_id = i.live_id
    where r.blocked_words <> '{}'
  ), said as materialized (
    select i.live_id, chat.fold(m.text) as folded
    from (select distinct live_id from item where unique_only) i
    cross join lateral (
      select m.text from chat_messages m where m.live_id = i.live_id order by m.seq desc limit p_unique_among
    ) m
  ), fresh as materialized (
    select i.ord, f.folded, w.marks,
      row_number() over (partition by i.live_id, i.user_id order by i.ord) as nth,
      case when i.unique_only and not i.is_moderator
        then row_number() over (partition by i.live_id, f.folded order by i.ord) end as nth_like_it
    from item i left join worded w on w.live_id = i.live_id
    cross join lateral (
      select case when not i.is_moderator and (i.unique_only or i.link_rule <> 'allow' or w.marks is not null)
        then chat.fold(i.text) end
    ) f(folded)
    where i.code is null and i.old_seq is null and not i.was_held and i.take = 1
  ), judged as materialized (
    select i.*, f.ord is not null as is_fresh,
      case
        when i.old_seq is not null then null
        when i.was_held then 'held'
        when i.code is not null then i.code
        when f.ord is null then null
        when i.text = '' or length(i.text) > p_max_chars then 'invalid'
        when lately.n + f.nth > p_most then 'slow_down'
        when i.slow_seconds > 0 and not i.is_moderator and (f.nth > 1 or last.free_at > v_now) then 'slow_down'
        when f.nth_like_it > 1 or (i.unique_only and not i.is_moderator
          and (i.live_id, f.folded) in (select live_id, folded from said)) then 'not_unique'
        when f.folded is null then null
        when chat.has_word(f.folded, f.marks) then 'word'
        when i.link_rule = 'allow' or not chat.has_link(f.folded) then null
        when i.link_rule = 'block' then 'links_blocked'
        else 'link'
      end as verdict,
      case
        when i.code is not null then i.retry_after
        when lately.n + f.nth > p_most
          then greatest(1, ceil(extract(epoch from coalesce(lately.oldest, v_now) + p_window - v_now)))::integer
        when i.slow_seconds > 0
          then ceil(extract(epoch from coalesce(last.free_at, v_now + make_interval(secs => i.slow_seconds)) - v_now))::integer
      end as wait
    from item i left join fresh f on f.ord = i.ord
    left join lateral (
      -- In order of time, so that it is the index by time that is read, and no more of it than decides.
      select count(*) as n, min(s.at) as oldest from (
        (select m.at from chat_messages m
         where m.live_id = i.live_id and m.user_id = i.user_id and m.at > v_now - p_window and f.ord is not null
         order by m.at desc limit p_most)
        union all
        (select h.created_at from chat_held h
         where h.live_id = i.live_id and h.user_id = i.user_id and h.created_at > v_now - p_window and f.ord is not null
         order by h.created_at desc limit p_most)
      ) s(at)
    ) lately on true
    left join lateral (
      select greatest(
        (select m.at from chat_messages m where m.live_id = i.live_id and m.user_id = i.user_id order by m.at desc limit 1),
        (select h.created_at from chat_held h where h.live_id = i.live_id and h.user_id = i.user_id
         order by h.created_at desc limit 1)
      ) + make_interval(secs => i.slow_seconds) as free_at
      where i.slow_seconds > 0 and f.ord is not null
    ) last on true
  ), held as (
    insert into chat_held (live_id, user_id, text, reply_to, cid, why, created_at)
    select live_id, user_id, text, reply_to, cid, verdict, v_now from judged
    where is_fresh and verdict in ('word', 'link') order by ord
    returning id, live_id, user_id, cid
  ), told as materialized (
    select j.ord, row_number() over (order by j.ord) as n, j.live_id, j.user_id, j.text, j.cid, q.seq as reply_to,
      h.id is null as is_posted,
      'live:' || j.live || case when h.id is null then '' else ':mod' end as channel,
      case when h.id is null
        then '{"by":' || j.by || ',"text":' || to_json(j.text)
          || coalesce(',"reply":{"seq":' || q.seq || ',"name":"' || q.name || '","text":' || to_json(q.text) || '}', '') || '}'
        else '{"id":' || h.id || ',"by":' || j.by || ',"text":' || to_json(j.text) || ',"why":"' || j.verdict || '"}'
      end as data
    from judged j
    left join held h on h.live_id = j.live_id and h.user_id = j.user_id and h.cid = j.cid
    left join lateral (
      -- A quote of what is gone meanwhile is left out; the message itself is not lost for it.
      select m.seq, u.username as name, left(m.text, 120) as text from chat_messages m join users u on u.id = m.user_id
      where m.live_id = j.live_id and m.seq = j.reply_to and m.seq > j.cleared_seq and m.deleted_at is null limit 1
    ) q on true
    where j.is_fresh and (j.verdict is null or h.id is not null)
  ), appended as materialized (
    select a.ord as n, a.seq, a.at
    from (
      select array_agg(channel order by n) as channels, array_agg(data::jsonb order by n) as datas,
        array_agg(case when is_posted then 'chat:message' else 'chat:held' end order by n) as types
      from told
    ) t cross join lateral rt.append(t.channels, t.types, t.datas) a
  ), numbered as materialized (
    select t.*, a.seq, a.at from told t join appended a on a.n = t.n
  ), stored as (
    insert into chat_messages (live_id, seq, user_id, at, text, reply_to, cid)
    select live_id, seq, user_id, at, text, reply_to, cid from numbered where is_posted
  )
  select j.ord,
    first_value(case when j.verdict in ('word', 'link') then 'held' else j.verdict end) over same,
    first_value(case when j.verdict is not null then j.wait end) over same,
    first_value(coalesce(j.old_seq, n.seq)) over same,
    first_value(coalesce(j.old_at, n.at)) over same,
    n.data
  from judged j left join numbered n on n.ord = j.ord
  window same as (partition by j.live, j.user_id, j.cid order by j.take)
  order by j.ord;
end $$;
