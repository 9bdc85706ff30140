-- Lives on air, those with most viewers first.
-- Called by operators in psql: select * from ops.lives_now;
-- Raises nothing.
create view ops.lives_now as
select v.public_id as live, v.title, u.username as owner, v.visibility, v.started_at,
  date_trunc('second', now() - v.started_at) as on_air_for, w.n as viewers, v.peak_viewers, v.total_viewers,
  s.last_seq as events, s.last_at as last_event_at
from lives v join users u on u.id = v.owner_id
cross join lateral live.count_viewers('live:' || v.public_id) as w(n)
left join rt.stream s on s.channel = 'live:' || v.public_id
where v.status = 'live' and v.deleted_at is null
order by w.n desc, v.started_at;
