-- Official documents that are no licence, handed in to be sealed: one call may hand in many.
create table seal.document_orders (
  order_id uuid primary key,
  seal_id text not null references seal.seals,
  -- Who asked, with the roles held then: a batch is worked off later.
  caller jsonb not null,
  caller_id text not null,
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  -- Of the caller; a repeat is the same order.
  request_key text not null,
  request_digest bytea not null check (length(request_digest) = 32),
  is_batch boolean not null,
  created_at timestamptz not null,
  -- Until when a worker has taken the batch.
  taken_until timestamptz,
  constraint document_orders_one_per_key unique (caller_id, request_key)
);
create index document_orders_by_department on seal.document_orders (department_code, created_at desc, order_id);

create table seal.documents (
  document_id uuid primary key,
  order_id uuid not null references seal.document_orders,
  position integer not null check (position >= 0),
  seal_id text not null references seal.seals,
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  name text not null check (name <> ''),
  -- 'documents', or the code of a template.
  purpose text not null check (purpose <> ''),
  unsigned_digest bytea not null check (length(unsigned_digest) = 32),
  size_bytes integer not null check (size_bytes > 0),
  -- Where the seal stands and how it signs, as decided when the document came in: a repeat is prepared alike.
  terms jsonb not null,
  state text not null check (state in ('waiting', 'sealed', 'refused')),
  state_changed_at timestamptz not null,
  attempts integer not null default 0 check (attempts >= 0),
  refusal_code text,
  refusal_detail text,
  use_id uuid,
  level text check (level in ('B-B', 'B-T', 'B-LT', 'B-LTA')),
  shortfall text,
  -- What is kept: the document that waits, then the sealed one; enciphered, under a key of its own. Null: not kept, or not any more.
  blob_digest text check (blob_digest ~ '^[0-9a-f]{64}$'),
  wrapped_key bytea,
  -- Null with a blob: kept until somebody removes it.
  kept_until timestamptz,
  constraint documents_in_order unique (order_id, position),
  constraint documents_sealed_is_complete check ((state = 'sealed') = (use_id is not null) and (state = 'sealed') = (level is not null)),
  constraint documents_refused_has_cause check ((state = 'refused') = (refusal_code is not null)),
  constraint documents_kept_has_key check ((blob_digest is null) = (wrapped_key is null))
);
create index documents_waiting on seal.documents (order_id, position) where state = 'waiting';
create index documents_by_seal on seal.documents (seal_id, state_changed_at desc, document_id);
create index documents_by_blob on seal.documents (blob_digest) where blob_digest is not null;
create index documents_by_end on seal.documents (kept_until) where kept_until is not null;

-- What was handed in, and what became of it, stays as it was said.
create function seal.keep_document() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    and to_jsonb(new) - array['state', 'state_changed_at', 'attempts', 'refusal_code', 'refusal_detail', 'use_id', 'level', 'shortfall',
      'blob_digest', 'wrapped_key', 'kept_until']
      = to_jsonb(old) - array['state', 'state_changed_at', 'attempts', 'refusal_code', 'refusal_detail', 'use_id', 'level', 'shortfall',
      'blob_digest', 'wrapped_key', 'kept_until']
    and (old.state = 'waiting' or (new.state, new.use_id) is not distinct from (old.state, old.use_id)) then
    return new;
  end if;
  raise exception 'a document is sealed or refused once' using errcode = 'restrict_violation';
end
$$;
create trigger documents_once before update or delete on seal.documents for each row execute function seal.keep_document();
create trigger documents_keep_rows before truncate on seal.documents for each statement execute function seal.refuse_change();

-- Whose own seal a seal is (电子名章, a signature in the person's hand): that account alone may use it. Ended, never deleted.
create table seal.personal_seals (
  personal_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  account_id text not null check (account_id <> ''),
  account_name text not null check (account_name <> ''),
  given_by text not null check (given_by <> account_id),
  given_at timestamptz not null,
  ended_at timestamptz check (ended_at >= given_at),
  ended_by text,
  constraint personal_seals_ended_by_someone check ((ended_at is null) = (ended_by is null))
);
create unique index personal_seals_one_person on seal.personal_seals (seal_id) where ended_at is null;
create index personal_seals_by_account on seal.personal_seals (account_id) where ended_at is null;

create function seal.keep_personal_seal() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null and new.ended_at is not null
    and to_jsonb(new) - array['ended_at', 'ended_by'] = to_jsonb(old) - array['ended_at', 'ended_by'] then
    return new;
  end if;
  raise exception 'a personal seal is given once and ended once' using errcode = 'restrict_violation';
end
$$;
create trigger personal_seals_only_end before update or delete on seal.personal_seals
  for each row execute function seal.keep_personal_seal();
create trigger personal_seals_keep_rows before truncate on seal.personal_seals for each statement execute function seal.refuse_change();
