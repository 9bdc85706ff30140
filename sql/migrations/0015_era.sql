-- One row: another number after each restore, or two restores to different moments, which begin the same timeline,
-- would have the same epoch. rt.epoch, ops.restored.
create table rt.era (
  is_only boolean primary key default true constraint there_is_one check (is_only),
  n       bigint not null
);
insert into rt.era (n) values (0);
