-- Ends uploads whose time is over, oldest first, at most p_limit; returns how many.
-- Called by the job expire_uploads.
-- Raises nothing.
create function media.expire_uploads(p_limit int, p_now timestamptz default now()) returns int
language plpgsql as $$
declare
  v_id bigint;
  v_count int := 0;
begin
  for v_id in
    select u.id from uploads u
    where u.status in ('open', 'completing') and u.expires_at <= p_now
    order by u.expires_at limit p_limit for update skip locked
  loop
    perform media.end_upload(v_id, 'expired');
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;
