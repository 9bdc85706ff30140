-- Removes a live that was deleted longer ago than p_keep: up to p_limit rows of each kind, and when nothing hangs on
-- it any more, the live and its channels. Returns how many rows went, 0 when no such live is left.
-- Called by the job clean_lives until then. Raises nothing.
create function live.purge(p_keep interval, p_limit int, p_now timestamptz default now()) returns int
language plpgsql as $$
declare
  v_live lives;
  v_channels text[];
  v_gone int;
begin
  select * into v_live from lives v where v.deleted_at < p_now - p_keep
  order by v.deleted_at limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  v_channels := array['live:' || v_live.public_id, 'live:' || v_live.public_id || ':mod'];
  with viewers as (
    delete from live_viewers where (live_id, viewer) in (
      select w.live_id, w.viewer from live_viewers w where w.live_id = v_live.id limit p_limit) returning 1
  ), messages as (
    delete from chat_messages where (live_id, seq) in (
      select m.live_id, m.seq from chat_messages m where m.live_id = v_live.id limit p_limit) returning 1
  ), held as (
    delete from chat_held where id in (
      select h.id from chat_held h where h.live_id = v_live.id limit p_limit) returning 1
  ), bans as (
    delete from chat_bans where (live_id, user_id) in (
      select b.live_id, b.user_id from chat_bans b where b.live_id = v_live.id limit p_limit) returning 1
  ), audit as (
    delete from chat_audit where id in (
      select a.id from chat_audit a where a.live_id = v_live.id limit p_limit) returning 1
  ), events as (
    delete from rt.event e using (
      select o.channel, o.seq, o.at from rt.event o where o.channel = any(v_channels) limit p_limit) o
    where e.channel = o.channel and e.seq = o.seq and e.at = o.at returning 1
  )
  select (select count(*) from viewers) + (select count(*) from messages) + (select count(*) from held)
    + (select count(*) from bans) + (select count(*) from audit) + (select count(*) from events) into v_gone;
  if v_gone = 0 then
    -- Its rules and moderators, a row and some dozens, go with it.
    delete from lives v where v.id = v_live.id;
    delete from rt.stream s where s.channel = any(v_channels);
    return 1;
  end if;
  return v_gone;
end $$;
