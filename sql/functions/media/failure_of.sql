-- From the transcoder's error code to our reason; is_passing: worth one more try by ourselves.
-- Called by media.apply_transcode_event. Codes: MediaConvert's error code table.
-- Raises nothing.
create function media.failure_of(p_code int, out reason text, out is_passing boolean)
language sql immutable as $$
  select
    case
      when p_code in (1010, 1040) then 'broken_file'
      when p_code = 1020 then 'not_a_video'
      when p_code in (1021, 1030) then 'unsupported_codec'
      when p_code in (1401, 1404, 1432, 1433, 1434) then 'storage_refused'
      when p_code between 3400 and 3499 then 'storage_refused'
      else 'transcoder_failed'
    end,
    coalesce(p_code not in (1010, 1020, 1021, 1030, 1040, 1401, 1404, 1432, 1433, 1434)
      and p_code not between 3400 and 3499, true)
$$;
