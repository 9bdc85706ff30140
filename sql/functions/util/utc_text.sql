-- A time as the service writes it: ISO 8601 in UTC with milliseconds.
-- Called by functions that build JSON.
-- Raises nothing.
create function util.utc_text(p_at timestamptz) returns text language sql stable as $$
  select to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
