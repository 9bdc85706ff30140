-- How many jobs of each queue may be claimed now: what is wanted, less where a bound on the whole cluster is near.
-- Claims of a bounded queue take turns until they commit, or two would count the same room.
-- Called by q.turn. Raises nothing. Counting stops at the bound, so a long backlog behind a full house costs nothing.
create function q.bounded(p_queue smallint[], p_want integer[], p_live bigint[]) returns integer[]
language plpgsql as $$
begin
  if not exists (select from q.queue k where k.id = any (p_queue) and k.max_running is not null) then
    return p_want;
  end if;
  perform pg_advisory_xact_lock(hashtext('q.bounded'), k.id)
  from (select k.id from q.queue k where k.id = any (p_queue) and k.max_running is not null order by k.id) k;
  return array(
    select case when k.max_running is null then w.want else least(w.want, k.max_running - (
      select count(*) from (
        select from q.job j where j.queue = k.id and j.leased_by = any (p_live) limit k.max_running) taken
    )::integer) end
    from unnest(p_queue, p_want) with ordinality as w(queue, want, place) join q.queue k on k.id = w.queue
    order by w.place);
end $$;
