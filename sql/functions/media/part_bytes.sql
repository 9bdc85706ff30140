-- How many bytes part n of an upload has: the part size, the last one the rest.
-- Called by media.save_part, media.save_parts.
-- Raises nothing.
create function media.part_bytes(u uploads, p_n int) returns bigint
language sql immutable as $$
  select least(u.part_size::bigint, u.size_bytes - (p_n - 1)::bigint * u.part_size)
$$;
