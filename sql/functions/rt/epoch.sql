-- A number that changes when this database's history may have been rewound: another cluster (restored from
-- a dump), another timeline (restored to a point in time, failed over) or another era (ops.restored).
-- Called by app/pg/stream.py. Raises nothing.
create function rt.epoch() returns bigint
language sql stable as $$
  -- The file name starts with the timeline in force now; the control file would lag behind a promotion.
  select (hashtext(c.system_identifier::text || left(pg_walfile_name(pg_current_wal_lsn()), 8)
                   || coalesce((select nullif(e.n, 0)::text from rt.era e), ''))
          & 2147483647)::bigint
  from pg_control_system() c
$$;
