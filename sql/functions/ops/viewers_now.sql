-- How many viewers each process told for each live, and whether that still counts. Who is at several counts at one.
-- Called by operators in psql: select * from ops.viewers_now where live = 'live id';
-- Raises nothing.
create view ops.viewers_now as
select substr(w.channel, 6) as live, v.title, v.status, i.name as process, w.n as viewers, w.at as told_at,
  coalesce(i.lease_until > now(), false) and w.at > now() - interval '15 seconds' as is_counted
from rt.viewers w
left join rt.instance i on i.id = w.instance_id
left join lives v on v.public_id = substr(w.channel, 6)
where w.n > 0
order by w.n desc, w.channel, w.instance_id;
