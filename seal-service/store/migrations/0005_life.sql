-- The whole life of a seal: application, filing, keeper, loss, ends. The lists of states, actions and steps are those of domain/seal.ts.
alter table seal.seals
  drop constraint seals_state_check,
  drop constraint seals_made_has_certificate,
  drop constraint seals_made_has_picture,
  drop constraint seals_one_name_per_department,
  add column kind_code text not null default '01',
  add column name_en text,
  -- What the picture is drawn from.
  add column picture_spec jsonb,
  -- Of the seal of metal or rubber (GA 241.1): 6 digits of area, 7 of number.
  add column physical_seal_number text,
  add column valid_until timestamptz,
  add column keeper_id text,
  add column keeper_name text,
  add column maker_department text,
  add column replaces text references seal.seals,
  -- Since when the present state counts, where that is not state_changed_at.
  add column effective_at timestamptz,
  -- When a keeper first accepted it.
  add column accepted_at timestamptz;

update seal.seals set
  picture_spec = jsonb_build_object('shape', 'round', 'diameterMm', diameter_mm, 'ringText', ring_text, 'ringTextEn', null,
    'centre', 'star', 'lowerText', lower_text, 'code', null),
  accepted_at = case when certificate_number is null then null else created_at end;

alter table seal.seals
  drop column diameter_mm,
  drop column ring_text,
  drop column lower_text,
  alter column picture_spec set not null,
  add constraint seals_kind_check check (kind_code in ('01', '02', '03', '04', '05', '11', '99')),
  add constraint seals_physical_number_check check (physical_seal_number ~ '^[0-9]{13}$'),
  add constraint seals_maker_check check (maker_department ~ '^[0-9A-Z]{18}$'),
  add constraint seals_keeper_has_name check ((keeper_id is null) = (keeper_name is null)),
  add constraint seals_state_check check (state in ('applied', 'returned', 'rejected', 'abandoned', 'approved', 'waiting', 'made',
    'filed', 'issued', 'active', 'suspended', 'lost', 'collected', 'expired', 'replaced', 'revoked', 'withdrawn', 'cancelled', 'destroyed')),
  add constraint seals_made_has_certificate check (certificate_number is not null
    or state in ('applied', 'returned', 'rejected', 'abandoned', 'approved', 'waiting', 'revoked', 'withdrawn', 'cancelled', 'destroyed')),
  add constraint seals_made_has_picture check ((picture_content is not null and picture_resources is not null
    and picture_svg is not null and picture_digest is not null)
    or state in ('applied', 'returned', 'rejected', 'abandoned', 'approved', 'revoked', 'withdrawn', 'cancelled', 'destroyed'));

-- A name is taken while its seal lives; a successor takes it over when it is accepted.
create unique index seals_one_name_per_department on seal.seals (department_code, name)
  where state not in ('rejected', 'abandoned', 'replaced', 'revoked', 'withdrawn', 'cancelled', 'destroyed')
    and (replaces is null or accepted_at is not null);
create unique index seals_one_successor on seal.seals (replaces)
  where replaces is not null and state not in ('rejected', 'abandoned', 'replaced', 'revoked', 'withdrawn', 'cancelled', 'destroyed');
create unique index seals_one_physical_number on seal.seals (physical_seal_number)
  where physical_seal_number is not null and (replaces is null or accepted_at is not null)
    and state not in ('rejected', 'abandoned', 'replaced', 'revoked', 'withdrawn', 'cancelled', 'destroyed');
create index seals_by_state on seal.seals (state, id);
create index seals_by_department on seal.seals (department_code, id);
create index seals_by_keeper on seal.seals (keeper_id, id) where keeper_id is not null;
create index seals_by_end on seal.seals (valid_until) where state in ('issued', 'active', 'suspended', 'lost');

alter table seal.seal_events
  drop constraint seal_events_state_check,
  drop constraint seal_events_action_check,
  add column caller_name text,
  add column caller_department text,
  -- Since when the step counts, where that is not `at`.
  add column effective_at timestamptz,
  -- What belongs to the step: the digest that was approved, the keeper, the reason's code, the legal basis, the filing's number.
  add column detail jsonb,
  add constraint seal_events_state_check check (state in ('applied', 'returned', 'rejected', 'abandoned', 'approved', 'waiting', 'made',
    'filed', 'issued', 'active', 'suspended', 'lost', 'collected', 'expired', 'replaced', 'revoked', 'withdrawn', 'cancelled', 'destroyed')),
  add constraint seal_events_action_check check (action in ('apply', 'ask-for-more', 'amend', 'abandon', 'reject', 'approve', 'wait',
    'make', 'file', 'issue', 'decline', 'accept', 'suspend', 'restore', 'report-lost', 'recover', 'collect', 'return', 'expire', 'renew',
    'replace', 'revoke', 'withdraw', 'cancel', 'destroy', 'draw', 'approve-picture', 'authorise', 'end-authorisation', 'request',
    'change-types', 'grant', 'end-grant', 'remind', 'order-destruction', 'order-ending', 'drop-ending', 'change-keeper'));

-- The steps from one state to another that there are, whoever asks.
create function seal.check_move() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state = 'applied' then return new; end if;
  elsif old.state = new.state or (old.state, new.state) in (
    values ('applied', 'returned'), ('returned', 'applied'), ('applied', 'abandoned'), ('returned', 'abandoned'),
      ('applied', 'rejected'), ('applied', 'approved'), ('approved', 'waiting'), ('approved', 'made'), ('waiting', 'made'),
      ('made', 'filed'), ('filed', 'issued'), ('issued', 'filed'), ('issued', 'active'), ('active', 'suspended'),
      ('suspended', 'active'), ('issued', 'lost'), ('active', 'lost'), ('suspended', 'lost'), ('lost', 'suspended'),
      ('active', 'collected'), ('suspended', 'collected'), ('lost', 'collected'), ('expired', 'collected'), ('collected', 'issued'),
      ('issued', 'expired'), ('active', 'expired'), ('suspended', 'expired'), ('lost', 'expired'), ('expired', 'active'),
      ('active', 'replaced'), ('suspended', 'replaced'), ('lost', 'replaced'), ('collected', 'replaced'), ('expired', 'replaced'),
      ('approved', 'revoked'), ('waiting', 'revoked'), ('made', 'revoked'), ('filed', 'revoked'), ('issued', 'revoked'),
      ('active', 'revoked'), ('suspended', 'revoked'), ('lost', 'revoked'), ('collected', 'revoked'), ('expired', 'revoked'),
      ('approved', 'withdrawn'), ('waiting', 'withdrawn'), ('made', 'withdrawn'), ('filed', 'withdrawn'), ('issued', 'withdrawn'),
      ('active', 'withdrawn'), ('suspended', 'withdrawn'), ('lost', 'withdrawn'), ('collected', 'withdrawn'), ('expired', 'withdrawn'),
      ('approved', 'cancelled'), ('waiting', 'cancelled'), ('made', 'cancelled'), ('filed', 'cancelled'), ('issued', 'cancelled'),
      ('active', 'cancelled'), ('suspended', 'cancelled'), ('lost', 'cancelled'), ('collected', 'cancelled'), ('expired', 'cancelled'),
      ('collected', 'destroyed'), ('expired', 'destroyed'), ('replaced', 'destroyed'), ('revoked', 'destroyed'),
      ('withdrawn', 'destroyed'), ('cancelled', 'destroyed')
  ) then return new; end if;
  raise exception 'seal % cannot become %', new.id, new.state using errcode = 'restrict_violation';
end
$$;
create trigger seals_move after insert or update of state on seal.seals for each row execute function seal.check_move();

-- No state without its event: asked when the transaction ends.
create function seal.check_event() returns trigger language plpgsql as $$
begin
  if (select state from seal.seals where id = new.id) is distinct from
     (select state from seal.seal_events where seal_id = new.id order by id desc limit 1) then
    raise exception 'the state of seal % has no event', new.id using errcode = 'restrict_violation';
  end if;
  return null;
end
$$;
create constraint trigger seals_state_has_event after insert or update of state on seal.seals
  deferrable initially deferred for each row execute function seal.check_event();

create function seal.refuse_removal() returns trigger language plpgsql as $$
begin
  raise exception 'a seal stays on record' using errcode = 'restrict_violation';
end
$$;
create trigger seals_keep_rows before delete on seal.seals for each row execute function seal.refuse_removal();

-- What was applied for, each version of it: an approval names the digest of the one that was read.
create table seal.applications (
  seal_id text not null references seal.seals,
  version integer not null check (version > 0),
  form jsonb not null,
  digest bytea not null check (length(digest) = 32),
  applicant_id text not null,
  applicant_name text not null,
  applicant_department text not null,
  at timestamptz not null,
  primary key (seal_id, version)
);
create index applications_by_applicant on seal.applications (applicant_id, seal_id);

-- Supporting documents: the bytes lie in the blob store, enciphered under a key of their own.
create table seal.application_files (
  -- SHA-256 of what was handed in.
  digest bytea not null check (length(digest) = 32),
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  blob_digest text not null check (blob_digest ~ '^[0-9a-f]{64}$'),
  wrapped_key bytea not null,
  name text not null check (name <> ''),
  media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
  size_bytes integer not null check (size_bytes > 0),
  uploaded_by text not null,
  at timestamptz not null,
  primary key (department_code, digest)
);

-- Pictures as drawn for a seal; the latest one counts, and must be approved by somebody else before the seal is made.
create table seal.pictures (
  seal_id text not null references seal.seals,
  version integer not null check (version > 0),
  spec jsonb not null,
  content bytea not null,
  resources text not null,
  svg text not null,
  digest bytea not null check (length(digest) = 32),
  drawn_by text not null,
  at timestamptz not null,
  primary key (seal_id, version)
);

-- What is ordered for later: carried out by a job at its time, once.
create table seal.pending_actions (
  pending_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  action text not null check (action in ('revoke', 'withdraw', 'cancel')),
  reason text not null,
  detail jsonb not null,
  effective_at timestamptz not null,
  caller_id text not null,
  caller_name text not null,
  caller_department text not null,
  at timestamptz not null,
  done_at timestamptz,
  dropped_at timestamptz,
  constraint pending_actions_done_or_dropped check (done_at is null or dropped_at is null)
);
create unique index pending_actions_one_running on seal.pending_actions (seal_id) where done_at is null and dropped_at is null;
create index pending_actions_by_time on seal.pending_actions (effective_at) where done_at is null and dropped_at is null;

-- What the publisher of seals was told and answered (备案).
create table seal.filings (
  filing_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  kind text not null check (kind in ('release', 'renew', 'deactivate')),
  record_number text not null check (record_number <> ''),
  caller_id text not null,
  at timestamptz not null
);
create index filings_by_seal on seal.filings (seal_id, filing_id);

-- What a repeated call is answered.
create table seal.answers (
  caller_id text not null,
  key text not null,
  request_digest bytea not null check (length(request_digest) = 32),
  answer jsonb not null,
  at timestamptz not null,
  primary key (caller_id, key)
);

create trigger applications_append_only before update or delete on seal.applications for each row execute function seal.refuse_change();
create trigger applications_keep_rows before truncate on seal.applications for each statement execute function seal.refuse_change();
create trigger pictures_append_only before update or delete on seal.pictures for each row execute function seal.refuse_change();
create trigger pictures_keep_rows before truncate on seal.pictures for each statement execute function seal.refuse_change();
create trigger filings_append_only before update or delete on seal.filings for each row execute function seal.refuse_change();
create trigger filings_keep_rows before truncate on seal.filings for each statement execute function seal.refuse_change();
