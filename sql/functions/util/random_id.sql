-- A public id: 12 base62 characters (71 bits) that cannot be guessed.
-- Called by the functions that create rows with a public_id.
-- Raises: nothing.
create function util.random_id() returns text language sql volatile as $$
  -- gen_random_uuid() is the cryptographic source that needs no extension; two of them give 30 usable bytes.
  select string_agg(substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 1 + mod(b, 62), 1), '')
  from (
    select get_byte(bytes, i) as b
    from (
      select decode(replace(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
    ) as r(bytes), generate_series(0, 47) as i
    -- 6 and 8 of each uuid carry fixed bits; bytes ≥ 248 would make some characters likelier.
    where mod(i, 16) not in (6, 8) and get_byte(bytes, i) < 248
    limit 12
  ) as bytes
$$;
