-- A queue of its own for what is asked of the transcoder, so that a process can work only that; and how many jobs of
-- a queue run in the whole cluster at most (null: as many as the processes take; q.bounded).
insert into q.queue (id, name) values (4, 'transcode');
alter table q.queue add column max_running integer constraint max_running_is_not_negative check (max_running >= 0);
