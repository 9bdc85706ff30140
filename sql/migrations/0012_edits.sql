-- How often a message was changed (chat.edit_message).
alter table public.chat_messages add column edits smallint not null default 0;
