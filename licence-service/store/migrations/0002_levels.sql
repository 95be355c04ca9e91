-- The level the seal is to reach and the one it was verified to have; the archive time stamp's end (of its certificate) and its
-- algorithms, whose end a table by date says. Licences issued before this migration were asked for at B-B.
alter table licence.licences
  add column target_level text not null default 'B-B' check (target_level in ('B-B', 'B-T', 'B-LT', 'B-LTA')),
  add column level text check (level in ('B-B', 'B-T', 'B-LT', 'B-LTA')),
  add column archive_until timestamptz,
  add column archive_scheme text,
  add constraint licences_archive_is_whole check ((archive_until is null) = (archive_scheme is null));
update licence.licences set level = 'B-B' where document_blob is not null;
alter table licence.licences alter column target_level drop default;
alter table licence.licences add constraint licences_with_document_have_level check ((document_blob is null) = (level is null));
create index licences_below_target on licence.licences (sequence) where level is not null and level <> target_level;
create index licences_archived on licence.licences (archive_scheme, archive_until) where archive_scheme is not null;
