-- Keeps the highest number of viewers of lives on air; a row somebody else holds is left for the next time.
-- Called by app/realtime/presence.py when it saw a number that may be the highest.
-- Raises nothing.
create function live.save_peaks(p_channel text[], p_n int[]) returns void
language sql as $$
  with higher as (
    select v.id, t.n from unnest(p_channel, p_n) as t(channel, n)
    join lives v on v.public_id = substr(t.channel, 6)
    where v.status = 'live' and t.n > v.peak_viewers
    for no key update of v skip locked
  )
  update lives v set peak_viewers = h.n from higher h where v.id = h.id and h.n > v.peak_viewers
$$;
