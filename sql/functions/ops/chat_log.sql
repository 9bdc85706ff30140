-- What moderators and operators did in the chats, newest first.
-- Called by operators in psql: select * from ops.chat_log where live = 'live id' limit 20;
-- Raises nothing.
create view ops.chat_log as
select l.public_id as live, a.at, coalesce(u.username, 'operator') as actor, a.action, t.username as target, a.detail
from chat_audit a join lives l on l.id = a.live_id
left join users u on u.id = a.actor_id left join users t on t.id = a.target_id
order by a.id desc;
