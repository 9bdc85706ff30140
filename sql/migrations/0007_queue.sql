-- A queue of its own for what is asked of the transcoder, so that a process can work only that.
insert into q.queue (id, name) values (4, 'transcode');
