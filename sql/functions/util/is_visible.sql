-- Whether anything of a text can be seen: a character that is no blank, no filler and no lone accent.
-- Called by live.create_live, live.update_live, media.update_video, ops.announce; app/text.py says the same, and a test compares.
-- Raises nothing.
create function util.is_visible(p_text text) returns boolean
language sql immutable as $$
  select util.drop_invisible(p_text) ~ ('[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000'
    || '\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]')
$$;
