-- An opaque mark of a place in a sorted list: how it is sorted, the key there, the id that breaks ties.
-- Called by functions that return pages; app/routes/cursor.py reads it back. Null at the last page.
-- Raises nothing.
create function util.cursor_text(p_sort text, p_key bigint, p_id bigint) returns text language sql immutable strict as $$
  select rtrim(translate(encode(convert_to(concat_ws('.', p_sort, p_key, p_id), 'UTF8'), 'base64'), E'+/\n', '-_'), '=')
$$;
