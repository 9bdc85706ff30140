-- Counts one attempt against a limit; returns 0 when it may pass, else the seconds to wait (then it is not counted).
-- Called by app/pg/limits.py for limits that all processes share.
-- Raises nothing.
create function util.hit(p_key text, p_count int, p_window_seconds double precision, p_now timestamptz default clock_timestamp())
returns double precision language plpgsql as $$
declare
  -- A leaky bucket in one number: each attempt pours in window/count seconds, which leak out in real time.
  v_step interval := make_interval(secs => p_window_seconds / p_count);
  v_window interval := make_interval(secs => p_window_seconds);
  v_empty_at timestamptz;
begin
  insert into util.rate as r (key, empty_at) values (p_key, p_now + v_step)
  on conflict (key) do update set empty_at = greatest(r.empty_at, p_now) + v_step
    where greatest(r.empty_at, p_now) + v_step <= p_now + v_window
  returning empty_at into v_empty_at;
  if found then
    return 0;
  end if;
  select r.empty_at into v_empty_at from util.rate r where r.key = p_key;
  return greatest(0.001, extract(epoch from v_empty_at + v_step - v_window - p_now));
end $$;
