-- Transactions that are open for longer than five seconds: who holds them, since when, and what was run last.
-- Called by operators in psql: select * from ops.open_transactions;
-- Raises nothing. Without the rights of pg_monitor one sees the text of one's own queries only.
create view ops.open_transactions as
select a.pid, a.usename as role, a.application_name as application, a.client_addr as client, a.state,
  date_trunc('milliseconds', now() - a.xact_start) as open_for,
  date_trunc('milliseconds', now() - a.state_change) as in_state_for, a.backend_xmin is not null as holds_dead_rows,
  a.query as last_query
from pg_stat_activity a
where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
  and a.xact_start < now() - interval '5 seconds'
order by a.xact_start;
