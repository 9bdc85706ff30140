-- Minutes of video made for each person in a day, every quality counted: what a transcoder is paid for.
-- One row a person, begun anew each day by media.charge_minutes; it outlives the videos it counted.
create table public.transcode_minutes (
  owner_id bigint primary key references public.users (id) on delete cascade,
  day date not null,
  minutes double precision not null,
  constraint minutes_not_negative check (minutes >= 0)
);
