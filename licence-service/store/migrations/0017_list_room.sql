-- How full a list is stands apart from what is published of it: every licence writes the one, a publication holds the other while it
-- reads. Counted before a place is drawn, so that a count may be too high after a crash, never too low.
create table licence.list_room (
  list integer primary key references licence.status_lists (list_id),
  allotted integer not null default 0 check (allotted between 0 and 1048576)
);
insert into licence.list_room (list, allotted) select list_id, allotted from licence.status_lists;
alter table licence.status_lists drop column allotted;
