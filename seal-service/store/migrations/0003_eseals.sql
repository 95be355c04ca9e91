-- A seal as China's standards know it: SESeal, with a key of its own on SM2, signed by the seal maker. One row for each layout in which
-- it is handed out; what was made never changes.
create table seal.eseals (
  seal_id text not null references seal.seals,
  layout text not null check (layout in ('V4', 'V5')),
  use_id uuid not null unique,
  key_name text not null,
  certificate bytea not null,
  chain bytea[] not null,
  eseal bytea not null,
  made_at timestamptz not null,
  primary key (seal_id, layout)
);

-- Every use of the seal maker's key: intended before the signature, made after it, two rows.
create table seal.maker_uses (
  use_id uuid not null,
  phase text not null check (phase in ('intended', 'made')),
  seal_id text not null references seal.seals,
  layout text not null check (layout in ('V4', 'V5')),
  -- SM3 of SES_SealInfo: what the maker signs.
  info_digest bytea not null check (length(info_digest) = 32),
  -- SHA-256 of the SESeal.
  eseal_digest bytea check (length(eseal_digest) = 32),
  caller_id text not null,
  at timestamptz not null,
  primary key (use_id, phase),
  constraint maker_uses_made_has_digest check ((phase = 'made') = (eseal_digest is not null))
);
create index maker_uses_by_seal on seal.maker_uses (seal_id);
create unique index maker_uses_count_once on seal.maker_uses (seal_id, layout) where phase = 'made';

create trigger eseals_append_only before update or delete on seal.eseals for each row execute function seal.refuse_change();
create trigger eseals_keep_rows before truncate on seal.eseals for each statement execute function seal.refuse_change();
create trigger maker_uses_append_only before update or delete on seal.maker_uses for each row execute function seal.refuse_change();
create trigger maker_uses_keep_rows before truncate on seal.maker_uses for each statement execute function seal.refuse_change();
