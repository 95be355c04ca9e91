-- Licences that other systems made, and scans of the paper that licences are on.
-- Both null: made here. Otherwise the source by its name, and the instant up to which it has told of the state.
alter table licence.licences
  add column collected_from text,
  add column status_reported_at timestamptz;

-- A system whose licences are taken in: which machine speaks for it, of which types, and at which origins its files may be fetched.
create table licence.intake_sources (
  department_code text not null,
  source text not null check (length(source) between 1 and 60),
  client_id text not null,
  type_codes text[] not null check (cardinality(type_codes) > 0),
  origins text[] not null,
  set_by text not null,
  set_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  primary key (department_code, source),
  check ((ended_at is null) = (ended_by is null))
);

-- Files stand among the documents, sealed under the licence's own data key. How good a scan is: A to D, the last word counts.
create table licence.scans (
  scan_id uuid primary key,
  identifier text not null,
  media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
  bytes integer not null check (bytes > 0),
  digest text not null,
  blob text not null,
  added_by text not null,
  added_at timestamptz not null,
  unique (identifier, digest)
);
create index scans_by_blob on licence.scans (blob);

create table licence.scan_grades (
  grading bigint generated always as identity primary key,
  scan_id uuid not null references licence.scans (scan_id),
  grade text not null check (grade in ('A', 'B', 'C', 'D')),
  graded_by text not null,
  graded_at timestamptz not null
);
create index scan_grades_of_scan on licence.scan_grades (scan_id, grading);
create trigger append_only before update or delete or truncate on licence.scans for each statement execute function licence.refuse_change();
create trigger append_only before update or delete or truncate on licence.scan_grades for each statement execute function licence.refuse_change();

create or replace function licence.topic_of(event text, cause text) returns text immutable language sql as $$
  select 'licence.' || case
    when event in ('cancel', 'supersede', 'transfer') and cause in ('correct', 'change', 'renew', 'reseal', 'transfer')
      then case cause when 'correct' then 'corrected' when 'change' then 'changed' when 'renew' then 'renewed' when 'reseal' then 'resealed' else 'transferred' end
    else case event when 'enter into force' then 'issued' when 'suspend' then 'suspended' when 'restore' then 'restored' when 'revoke' then 'revoked'
      when 'withdraw' then 'withdrawn' when 'cancel' then 'cancelled' when 'transfer' then 'transferred' when 'supersede' then 'changed'
      when 'archive' then 'archived' when 'collect' then 'collected' else event end
  end
$$;
