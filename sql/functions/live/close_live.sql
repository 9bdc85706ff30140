-- Ends a live and tells the pages that show it. p_reason: why an operator did, null when its owner did.
-- Called by live.end_live, live.delete_live and ops.close_live, which hold the row's lock.
-- Raises nothing.
create function live.close_live(p_live lives, p_reason text, p_now timestamptz default now()) returns lives
language plpgsql as $$
begin
  update lives v set status = 'ended', ended_at = p_now, end_reason = p_reason, updated_at = p_now,
    peak_viewers = case v.status when 'live' then (
      select greatest(v.peak_viewers, w.n) from live.count_viewers('live:' || v.public_id) w)
      else v.peak_viewers end
  where v.id = p_live.id returning * into p_live;
  perform live.tell_changed(p_live);
  return p_live;
end $$;
