-- Ends the statement with one of our error codes; for inputs to blame, a code of app/field_errors.py or {"code": …}
-- with its parameters. Called by every function that refuses something.
-- Raises: the code given; SQLSTATE TL + the HTTP status, both from the table in app/errors.py.
create function util.fail(p_status int, p_code text, p_message text default null, p_fields jsonb default null)
returns void language plpgsql immutable as $$
begin
  raise exception using
    errcode = 'TL' || p_status,
    message = p_code,
    detail = coalesce(p_message, ''),
    hint = coalesce(p_fields::text, '');
end $$;
