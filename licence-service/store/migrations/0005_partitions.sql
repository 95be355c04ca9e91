-- Partitions, so that a hundred million licences stay as fast as one: licences by identifier, their holders by the hash they are found by,
-- the register by its running number. No table names a licence by foreign key: whoever writes checks it in the same transaction. What
-- must be unique across the partitions of licences has a small table of its own.
set local statement_timeout = 0;

create table licence.status_places (
  list integer not null references licence.status_lists (list_id),
  place integer not null check (place between 0 and 1048575),
  identifier text not null,
  -- Null where the place is the licence's own.
  copy_id bytea check (octet_length(copy_id) = 16),
  primary key (list, place)
);
insert into licence.status_places (list, place, identifier) select status_list, status_place, identifier from licence.licences;

-- A licence has one successor on its way or in force; a rejected one leaves its place.
create table licence.successions (
  predecessor text primary key,
  successor text not null
);
insert into licence.successions select replaces, identifier from licence.licences where replaces is not null and state <> 'rejected';

-- Places whose licence changed since their list was last made.
create table licence.status_changes (
  change bigint generated always as identity,
  list integer not null,
  place integer not null,
  primary key (list, change)
);

-- bits: the list as last made, 4 bits a place; null where it is to be made from the tables.
alter table licence.status_lists
  add column kind text not null default 'licences' check (kind in ('licences', 'copies')),
  add column bits bytea;

alter table licence.holder_links drop constraint holder_links_identifier_fkey;
alter table licence.holders rename to former_holders;
alter table licence.register_entries rename to former_register_entries;
alter table licence.licences rename to former_licences;

create sequence licence.licence_sequence;
select setval('licence.licence_sequence', coalesce(max(sequence), 1), max(sequence) is not null) from licence.former_licences;

create table licence.licences (
  sequence bigint not null default nextval('licence.licence_sequence'),
  identifier text not null,
  type_code text not null,
  department_code text not null,
  -- Characters 3 to 8 of a unified social credit code: the administrative division.
  area_code text generated always as (substr(department_code, 3, 6)) stored,
  serial text not null,
  version integer not null check (version between 1 and 999),
  template_version integer not null,
  printed_number text not null,
  seal_id text not null,
  co_seals jsonb not null default '[]' check (jsonb_typeof(co_seals) = 'array'),
  state text not null check (state in ('prepared', 'rejected', 'in force', 'suspended', 'revoked', 'withdrawn', 'cancelled', 'transferred', 'superseded')),
  status_list integer not null,
  status_place integer not null check (status_place between 0 and 1048575),
  issued_on date not null,
  valid_from date not null,
  valid_until date,
  wrapped_data_key bytea,
  sealed_data bytea not null,
  sealed_statement bytea,
  picture_blobs text[] not null default '{}',
  document_blob text,
  data_digest text not null,
  unsigned_digest text,
  sealed_digest text,
  prepared_at timestamptz not null,
  replaces text,
  replaced_by text,
  supersedes_from timestamptz,
  sealed_reason bytea,
  caller jsonb not null,
  target_level text not null check (target_level in ('B-B', 'B-T', 'B-LT', 'B-LTA')),
  level text check (level in ('B-B', 'B-T', 'B-LT', 'B-LTA')),
  archive_until timestamptz,
  archive_scheme text,
  check (state in ('prepared', 'rejected') or (document_blob is not null and sealed_digest is not null)),
  constraint licences_archive_is_whole check ((archive_until is null) = (archive_scheme is null)),
  constraint licences_with_document_have_level check ((document_blob is null) = (level is null))
) partition by hash (identifier);

create table licence.holders (
  identifier text not null,
  place smallint not null,
  code_mac bytea not null,
  name_mac bytea not null
) partition by hash (code_mac);

-- Two where the engine is PGlite (PostgreSQL compiled by emcc), which is for trial: every further one is felt when it starts first.
do $$
declare
  parts constant integer := case when version() like '% emcc %' then 2 else 8 end;
begin
  for part in 0 .. parts - 1 loop
    execute format('create table licence.licences_%s partition of licence.licences for values with (modulus %s, remainder %s)', part, parts, part);
    execute format('create table licence.holders_%s partition of licence.holders for values with (modulus %s, remainder %s)', part, parts, part);
  end loop;
end
$$;

insert into licence.licences (sequence, identifier, type_code, department_code, serial, version, template_version, printed_number, seal_id,
    co_seals, state, status_list, status_place, issued_on, valid_from, valid_until, wrapped_data_key, sealed_data, sealed_statement,
    picture_blobs, document_blob, data_digest, unsigned_digest, sealed_digest, prepared_at, replaces, replaced_by, supersedes_from,
    sealed_reason, caller, target_level, level, archive_until, archive_scheme)
  select sequence, identifier, type_code, department_code, serial, version, template_version, printed_number, seal_id,
    co_seals, state, status_list, status_place, issued_on, valid_from, valid_until, wrapped_data_key, sealed_data, sealed_statement,
    picture_blobs, document_blob, data_digest, unsigned_digest, sealed_digest, prepared_at, replaces, replaced_by, supersedes_from,
    sealed_reason, caller, target_level, level, archive_until, archive_scheme
  from licence.former_licences;
insert into licence.holders select identifier, place, code_mac, name_mac from licence.former_holders;

create sequence licence.register_entry;
select setval('licence.register_entry', coalesce(max(entry), 1), max(entry) is not null) from licence.former_register_entries;

create table licence.register_entries (
  entry bigint not null default nextval('licence.register_entry'),
  identifier text not null,
  event text not null,
  state text not null,
  sealed_reason bytea,
  effective_at timestamptz not null,
  recorded_at timestamptz not null,
  recorded_by text not null,
  department_code text not null,
  data_digest text not null,
  sealed_digest text,
  related text
) partition by range (entry);

-- Adds the partitions of 20 million entries that the next 10 million may need; answers how many it added. Nobody waits: a table is made
-- first and attached then. A statement on a partition does not meet the triggers of the whole, so each has its own.
create function licence.add_register_partitions() returns integer language plpgsql as $$
declare
  width constant bigint := 20000000;
  needed bigint;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('licence.add_register_partitions'));
  select (last_value + width / 2) / width into needed from licence.register_entry;
  for part in 0 .. needed loop
    continue when to_regclass(format('licence.register_entries_%s', part)) is not null;
    execute format('create table licence.register_entries_%s (like licence.register_entries including defaults including constraints)', part);
    execute format('create trigger append_only before update or delete or truncate on licence.register_entries_%s
      for each statement execute function licence.refuse_change()', part);
    execute format('alter table licence.register_entries attach partition licence.register_entries_%s for values from (%s) to (%s)',
      part, part * width, (part + 1) * width);
    made := made + 1;
  end loop;
  return made;
end
$$;
select licence.add_register_partitions();

insert into licence.register_entries
  select entry, identifier, event, state, sealed_reason, effective_at, recorded_at, recorded_by, department_code, data_digest, sealed_digest, related
  from licence.former_register_entries order by entry;

drop table licence.former_register_entries;
drop table licence.former_holders;
drop table licence.former_licences;

alter table licence.licences add primary key (identifier);
create index licences_of_department on licence.licences (department_code, sequence desc);
create index licences_of_department_and_type on licence.licences (department_code, type_code, sequence desc);
create index licences_of_area on licence.licences (area_code, type_code, sequence desc);
create index licences_by_number on licence.licences (department_code, printed_number);
create index licences_by_serial on licence.licences (serial);
create index licences_prepared on licence.licences (prepared_at) where state = 'prepared';
create index licences_by_document on licence.licences (document_blob);
create index licences_by_picture on licence.licences using gin (picture_blobs);
create index licences_listed on licence.licences (status_list, status_place, state) where state <> 'in force';
create index licences_below_target on licence.licences (sequence) where level is not null and level <> target_level;
create index licences_archived on licence.licences (archive_scheme, archive_until) where archive_scheme is not null;
create index licences_by_sealed_digest on licence.licences (sealed_digest) where sealed_digest is not null;

alter table licence.holders add primary key (code_mac, identifier, place);
create index holders_of_licence on licence.holders (identifier);
create index holders_by_name on licence.holders (name_mac);

alter table licence.register_entries add primary key (entry);
create index register_entries_of_licence on licence.register_entries (identifier, entry);
create trigger append_only before update or delete or truncate on licence.register_entries for each statement execute function licence.refuse_change();
