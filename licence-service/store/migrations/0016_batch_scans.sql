-- Scans of paper stock out of a batch's ZIP files, matched to rows at the check and attached to their licences when those are issued.
-- Keyed hashes of what a file's name begins with: all of it but the ending, and that without a number of a page behind it.
alter table licence.batch_pictures
  add column stem_mac bytea,
  add column page_mac bytea,
  add column sealed_name bytea;
create index batch_pictures_by_stem on licence.batch_pictures (batch_id, stem_mac);
create index batch_pictures_by_page on licence.batch_pictures (batch_id, page_mac);

-- Which file the check found to be whose: a scan with its grade, a picture that is printed without.
create table licence.batch_row_files (
  batch_id uuid not null,
  row integer not null,
  name_mac bytea not null,
  place integer not null,
  grade text check (grade in ('A', 'B', 'C', 'D')),
  primary key (batch_id, row, name_mac)
);
create index batch_row_files_by_name on licence.batch_row_files (batch_id, name_mac);

-- Files that no row names, once the check is done.
alter table licence.batches add column unused_files integer;

-- What counts of a scan now, for lists by grade; scan_grades has all that was said.
create table licence.scan_standings (
  sequence bigint generated always as identity unique,
  scan_id uuid primary key references licence.scans (scan_id),
  identifier text not null,
  department_code text not null,
  grade text not null check (grade in ('A', 'B', 'C', 'D'))
);
create index scan_standings_of_department on licence.scan_standings (department_code, sequence desc);
create index scan_standings_by_grade on licence.scan_standings (department_code, grade, sequence desc);
insert into licence.scan_standings (scan_id, identifier, department_code, grade)
  select s.scan_id, s.identifier, l.department_code, g.grade
  from licence.scans s join licence.licences l on l.identifier = s.identifier
    cross join lateral (select grade from licence.scan_grades where scan_id = s.scan_id order by grading desc limit 1) g
  order by s.added_at, s.scan_id;

-- Collected licences of a source, those longest without a report first.
create index licences_by_report on licence.licences (department_code, collected_from, status_reported_at, identifier) where collected_from is not null;
