-- What belongs to a holder (name, code, address, photo, a clerk's reason) stands here only sealed under the licence's own data key
-- or as a keyed hash. Destroying wrapped_data_key erases it; the register row stays.
create table licence.type_assignments (
  type_code text not null,
  department_code text not null,
  seal_id text not null,
  granted_at timestamptz not null,
  ended_at timestamptz,
  primary key (type_code, department_code)
);

create table licence.status_lists (
  list_id integer primary key,
  allotted integer not null default 0 check (allotted between 0 and 1048576),
  revision bigint not null default 1,
  published_revision bigint not null default 0,
  token text,
  signed_at timestamptz
);
insert into licence.status_lists (list_id) values (0);

create table licence.trust_lists (
  sequence bigint primary key,
  content_digest text not null,
  token text not null,
  issued_at timestamptz not null
);

create table licence.number_counters (
  type_code text not null,
  department_code text not null,
  period text not null,
  value bigint not null,
  primary key (type_code, department_code, period)
);

create table licence.licences (
  sequence bigint generated always as identity unique,
  identifier text primary key,
  type_code text not null,
  department_code text not null,
  serial text not null,
  version integer not null check (version between 1 and 999),
  template_version integer not null,
  printed_number text not null,
  seal_id text not null,
  state text not null check (state in ('prepared', 'rejected', 'in force', 'suspended', 'revoked', 'withdrawn', 'cancelled', 'transferred', 'superseded')),
  status_list integer not null references licence.status_lists (list_id),
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
  replaces text references licence.licences (identifier),
  replaced_by text references licence.licences (identifier),
  supersedes_from timestamptz,
  sealed_reason bytea,
  caller jsonb not null,
  unique (type_code, department_code, serial, version),
  unique (status_list, status_place),
  check (state in ('prepared', 'rejected') or (document_blob is not null and sealed_digest is not null))
);
create unique index licences_one_successor on licence.licences (replaces) where replaces is not null and state <> 'rejected';
create index licences_of_department on licence.licences (department_code, sequence desc);
create index licences_of_department_and_type on licence.licences (department_code, type_code, sequence desc);
create index licences_by_number on licence.licences (department_code, printed_number);
create index licences_prepared on licence.licences (prepared_at) where state = 'prepared';
create index licences_by_document on licence.licences (document_blob);
create index licences_by_picture on licence.licences using gin (picture_blobs);
create index licences_listed on licence.licences (status_list) where state <> 'in force';

create table licence.holders (
  identifier text not null references licence.licences (identifier),
  place smallint not null,
  code_mac bytea not null,
  name_mac bytea not null,
  primary key (identifier, place)
);
create index holders_by_code on licence.holders (code_mac);
create index holders_by_name on licence.holders (name_mac);

create table licence.idempotency_keys (
  department_code text not null,
  key text not null,
  request_mac bytea not null,
  identifier text not null,
  answer jsonb,
  created_at timestamptz not null,
  primary key (department_code, key)
);
create index idempotency_keys_of_licence on licence.idempotency_keys (identifier);

create table licence.register_entries (
  entry bigint generated always as identity primary key,
  identifier text not null references licence.licences (identifier),
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
);
create index register_entries_of_licence on licence.register_entries (identifier, entry);

create table licence.audit_records (
  record bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  actor_kind text not null,
  department_code text not null,
  action text not null,
  identifier text,
  detail text
);
create index audit_records_of_licence on licence.audit_records (identifier, record);

create table licence.holder_links (
  link text primary key,
  identifier text not null references licence.licences (identifier),
  token_hash bytea not null unique,
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  attempts smallint not null default 0,
  next_attempt_at timestamptz,
  locked_at timestamptz
);
create index holder_links_of_licence on licence.holder_links (identifier);

create table licence.holder_link_accesses (
  token_hash bytea primary key,
  link text not null references licence.holder_links (link),
  expires_at timestamptz not null
);

create table licence.holder_link_looks (
  look bigint generated always as identity primary key,
  link text not null references licence.holder_links (link),
  identifier text not null,
  at timestamptz not null,
  what text not null check (what in ('seen', 'refused', 'locked', 'opened', 'document'))
);
create index holder_link_looks_of_licence on licence.holder_link_looks (identifier, look);

create function licence.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of %.% are only ever added', tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
create trigger append_only before update or delete or truncate on licence.register_entries for each statement execute function licence.refuse_change();
create trigger append_only before update or delete or truncate on licence.audit_records for each statement execute function licence.refuse_change();
create trigger append_only before update or delete or truncate on licence.holder_link_looks for each statement execute function licence.refuse_change();
