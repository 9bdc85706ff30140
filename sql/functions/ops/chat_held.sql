-- Messages that wait for a moderator, oldest first.
-- Called by operators in psql: select * from ops.chat_held;
-- Raises nothing.
create view ops.chat_held as
select l.public_id as live, h.id, u.username, h.text, h.why, now() - h.created_at as waiting
from chat_held h join lives l on l.id = h.live_id join users u on u.id = h.user_id
where h.verdict is null
order by h.id;
