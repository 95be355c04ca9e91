-- Batches. What a row says of a holder stands sealed under the batch's own data key, which is destroyed 90 days after its end: then rows
-- keep number, state and identifier. Macs are keyed hashes. Licences are named without foreign key.
create table licence.batches (
  sequence bigint generated always as identity unique,
  batch_id uuid primary key,
  department_code text not null,
  type_code text not null,
  title text not null,
  kind text not null check (kind in ('xlsx', 'csv', 'jsonl')),
  state text not null check (state in ('uploaded', 'mapped', 'checking', 'checked', 'sampled', 'approved', 'minting', 'paused', 'waiting', 'done', 'cancelled', 'rolling-back', 'rolled-back')),
  state_since timestamptz not null,
  -- Why it waits, paused by itself or could not be read: a code.
  note text,
  resume_at timestamptz,
  upload_key text not null,
  upload_mac bytea not null,
  uploaded_by jsonb not null,
  uploaded_at timestamptz not null,
  started_by jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  rolled_back_by jsonb,
  sealed_rollback_reason bytea,
  columns jsonb not null default '[]',
  mapping jsonb,
  unique_by text not null default 'row' check (unique_by in ('row', 'holder')),
  wrapped_data_key bytea,
  -- Which chunks are due.
  phase text check (phase in ('check', 'mint', 'roll-back')),
  is_read boolean not null default false,
  reader text,
  reader_until timestamptz,
  last_row integer not null default 0,
  chunks integer not null default 0,
  chunks_done integer not null default 0,
  -- Kept by whoever settles rows, in the same transaction; nobody counts.
  row_count integer not null default 0,
  checked_count integer not null default 0,
  valid_count integer not null default 0,
  faulty_count integer not null default 0,
  duplicate_count integer not null default 0,
  claimed_count integer not null default 0,
  issued_count integer not null default 0,
  refused_count integer not null default 0,
  dead_count integer not null default 0,
  rolled_back_count integer not null default 0,
  unique (department_code, upload_key)
);
create index batches_of_department on licence.batches (department_code, sequence desc);
create index batches_at_work on licence.batches (sequence) where state in ('checking', 'minting', 'waiting', 'rolling-back');
create index batches_kept on licence.batches (state_since) where wrapped_data_key is not null;

create table licence.batch_files (
  batch_id uuid not null,
  file integer not null,
  piece integer not null,
  -- The idempotency key it came with, and a keyed hash of what came.
  part text not null,
  part_mac bytea not null,
  blob text not null,
  primary key (batch_id, file, piece)
);
create index batch_files_by_blob on licence.batch_files (blob);

-- Photos and scans out of ZIP files, by a keyed hash of their names, which may be people's.
create table licence.batch_pictures (
  batch_id uuid not null,
  name_mac bytea not null,
  blob text not null,
  bytes integer not null,
  primary key (batch_id, name_mac)
);
create index batch_pictures_by_blob on licence.batch_pictures (blob);

create table licence.batch_rows (
  batch_id uuid not null,
  row integer not null,
  state text not null check (state in ('new', 'valid', 'faulty', 'duplicate', 'claimed', 'minting', 'issued', 'refused', 'dead', 'rolled-back')),
  sealed_row bytea,
  duplicate_mac bytea,
  -- Codes with the columns they stand at; their words are sealed.
  faults jsonb,
  sealed_faults bytea,
  identifier text,
  -- How often a refusal on record was set aside: part of the key.
  generation smallint not null default 0,
  attempts smallint not null default 0,
  last_fault text,
  primary key (batch_id, row)
) partition by hash (batch_id);
create table licence.batch_rows_0 partition of licence.batch_rows for values with (modulus 4, remainder 0);
create table licence.batch_rows_1 partition of licence.batch_rows for values with (modulus 4, remainder 1);
create table licence.batch_rows_2 partition of licence.batch_rows for values with (modulus 4, remainder 2);
create table licence.batch_rows_3 partition of licence.batch_rows for values with (modulus 4, remainder 3);
create index batch_rows_by_mac on licence.batch_rows (batch_id, duplicate_mac, row) where duplicate_mac is not null;
create index batch_rows_at_fault on licence.batch_rows (batch_id, row) where state in ('faulty', 'duplicate', 'claimed', 'refused', 'dead');

create table licence.batch_chunks (
  batch_id uuid not null,
  phase text not null check (phase in ('check', 'mint', 'roll-back')),
  chunk integer not null,
  first_row integer not null,
  last_row integer not null,
  worker text,
  leased_until timestamptz,
  not_before timestamptz,
  attempts smallint not null default 0,
  -- Some of its rows may be prepared on the register: they are settled also after a cancellation.
  under_way boolean not null default false,
  settled integer not null default 0,
  done_at timestamptz,
  primary key (batch_id, phase, chunk)
);
create index batch_chunks_open on licence.batch_chunks (chunk, batch_id) where done_at is null;
create index batch_chunks_done on licence.batch_chunks (batch_id, phase, done_at) where done_at is not null;

-- Who will make, or has made, a licence of this content or for this holder: two batches never both do.
create table licence.batch_claims (
  type_code text not null,
  department_code text not null,
  duplicate_mac bytea not null,
  batch_id uuid not null,
  row integer not null,
  primary key (type_code, department_code, duplicate_mac)
);
create index batch_claims_of_row on licence.batch_claims (batch_id, row);

create table licence.batch_samples (
  batch_id uuid not null,
  row integer not null,
  drawn_at timestamptz not null,
  drawn_by text not null,
  looked_at timestamptz,
  looked_by text,
  primary key (batch_id, row)
);

create table licence.batch_mappings (
  department_code text not null,
  type_code text not null,
  name text not null,
  mapping jsonb not null,
  used_at timestamptz not null,
  used_by text not null,
  primary key (department_code, type_code, name)
);

create table licence.workers (
  worker text primary key,
  seen_at timestamptz not null
);
