-- Who may use which seal for what, how often, from when until when. Ended, never deleted.
create table seal.authorisations (
  authorisation_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  -- account, client (a machine's), role: of the owner's own department. department: another one, for a joint issue.
  grantee_kind text not null check (grantee_kind in ('account', 'role', 'client', 'department')),
  grantee text not null check (grantee <> ''),
  -- 'licences' (every type that the seal may stand on), 'documents' (every official document), codes of licence types or of templates.
  purposes text[] not null check (cardinality(purposes) between 1 and 200),
  -- Null: without limit. Documents and statements are counted apart, each up to this.
  per_day integer check (per_day > 0),
  per_minute integer check (per_minute > 0),
  runs_from timestamptz not null,
  -- Null: as long as the seal has a certificate.
  runs_until timestamptz check (runs_until > runs_from),
  needs_second_person boolean not null,
  delegated_from bigint references seal.authorisations,
  granted_at timestamptz not null,
  granted_by text not null,
  ended_at timestamptz check (ended_at >= granted_at),
  ended_by text,
  ended_cause text,
  constraint authorisations_ended_by_someone check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (ended_cause is null)),
  -- Nobody gives a right to himself.
  constraint authorisations_not_to_oneself check (grantee_kind <> 'account' or grantee <> granted_by),
  constraint authorisations_grantee_known check (case grantee_kind
    when 'role' then grantee in ('issuer', 'seal-user')
    when 'department' then grantee ~ '^[0-9A-Z]{18}$'
    else length(grantee) <= 100 end)
);
create index authorisations_running on seal.authorisations (seal_id) where ended_at is null;
create index authorisations_by_seal on seal.authorisations (seal_id, authorisation_id);
create index authorisations_by_grantee on seal.authorisations (grantee) where ended_at is null;
create index authorisations_delegated on seal.authorisations (delegated_from) where delegated_from is not null;

create function seal.keep_authorisation() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null and new.ended_at is not null
    and to_jsonb(new) - array['ended_at', 'ended_by', 'ended_cause'] = to_jsonb(old) - array['ended_at', 'ended_by', 'ended_cause'] then
    return new;
  end if;
  raise exception 'an authorisation may be ended once and nothing else' using errcode = 'restrict_violation';
end
$$;
create trigger authorisations_only_end before update or delete on seal.authorisations
  for each row execute function seal.keep_authorisation();
create trigger authorisations_keep_rows before truncate on seal.authorisations for each statement execute function seal.refuse_change();

-- How much of its quota and rate an authorisation has spent: one row for documents, one for statements, taken under its lock.
create table seal.authorisation_counts (
  authorisation_id bigint not null references seal.authorisations,
  kind text not null check (kind in ('document', 'statement')),
  -- In Asia/Shanghai.
  day date not null,
  taken_on_day integer not null check (taken_on_day >= 0),
  minute timestamptz not null,
  taken_in_minute integer not null check (taken_in_minute >= 0),
  primary key (authorisation_id, kind)
);

-- Under which authorisation a key was used; null: before there were any, or by another department's leave (seal_grants). It is held while
-- the row is written and never deleted, so no foreign key is asked at each use. refused: the signature was made and given to nobody.
alter table seal.seal_uses
  add column authorisation_id bigint,
  add column refusal text,
  drop constraint seal_uses_phase_check,
  add constraint seal_uses_phase_check check (phase in ('intended', 'sealed', 'refused')),
  add constraint seal_uses_refused_has_cause check ((phase = 'refused') = (refusal is not null));
alter table seal.statement_uses
  add column authorisation_id bigint,
  add column refusal text,
  drop constraint statement_uses_phase_check,
  add constraint statement_uses_phase_check check (phase in ('intended', 'signed', 'refused')),
  add constraint statement_uses_refused_has_cause check ((phase = 'refused') = (refusal is not null));

-- Uses that wait for a second person. Decided once, never deleted.
create table seal.use_requests (
  request_id uuid primary key,
  seal_id text not null references seal.seals,
  authorisation_id bigint not null references seal.authorisations,
  identifier text not null,
  purpose text not null,
  unsigned_digest bytea not null check (length(unsigned_digest) = 32),
  caller_id text not null,
  caller_department text not null,
  requested_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > requested_at),
  decision text check (decision in ('approved', 'refused', 'expired')),
  decided_at timestamptz check (decided_at >= requested_at),
  decided_by text,
  reason text,
  -- What a decision takes away: an approval seals once.
  use_id uuid unique,
  constraint use_requests_decided_by_someone check ((decision is null) = (decided_at is null) and (decision is null) = (decided_by is null)),
  constraint use_requests_not_by_oneself check (decided_by <> caller_id),
  constraint use_requests_used_when_approved check (use_id is null or decision = 'approved')
);
-- One waits or stands at a time for the same document of the same caller.
create unique index use_requests_one_open on seal.use_requests (seal_id, identifier, unsigned_digest, caller_id)
  where decision is distinct from 'expired' and use_id is null;
create index use_requests_waiting on seal.use_requests (requested_at, request_id) where decision is null;
create index use_requests_by_caller on seal.use_requests (caller_id, requested_at);

create function seal.keep_use_request() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.use_id is null
    and to_jsonb(new) - array['decision', 'decided_at', 'decided_by', 'reason', 'use_id']
      = to_jsonb(old) - array['decision', 'decided_at', 'decided_by', 'reason', 'use_id']
    and (old.decision is null
      -- An approval is used once, or its time runs out.
      or (old.decision = 'approved' and (new.decision, new.decided_at, new.decided_by) = (old.decision, old.decided_at, old.decided_by))
      or (old.decision = 'approved' and new.decision = 'expired' and new.use_id is null)) then
    return new;
  end if;
  raise exception 'a request to use a seal is decided once' using errcode = 'restrict_violation';
end
$$;
create trigger use_requests_decided_once before update or delete on seal.use_requests
  for each row execute function seal.keep_use_request();
create trigger use_requests_keep_rows before truncate on seal.use_requests for each statement execute function seal.refuse_change();

-- What waits to be sealed, enciphered under a key of its own; gone when it is decided.
create table seal.use_request_documents (
  request_id uuid primary key references seal.use_requests,
  wrapped_key bytea not null,
  content bytea not null
);

-- The receipt of a use, as it was first signed.
create table seal.use_receipts (
  use_id uuid primary key,
  receipt text not null,
  signed_at timestamptz not null
);
create trigger use_receipts_append_only before update or delete on seal.use_receipts for each row execute function seal.refuse_change();
create trigger use_receipts_keep_rows before truncate on seal.use_receipts for each statement execute function seal.refuse_change();

-- Seals in use go on as they did: by the issuers of their owner.
insert into seal.authorisations
  (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
  select id, 'role', 'issuer', array['licences'], state_changed_at, false, state_changed_at, 'system:upgrade'
  from seal.seals where state in ('active', 'suspended', 'lost');
