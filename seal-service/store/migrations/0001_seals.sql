-- The registered seals: owner, picture, certificate. Key and certificate are there from the state active on.
create table seal.seals (
  id text primary key check (id ~ '^[0-9A-Z]{6}[0-9]{8}$'),
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  name text not null check (name <> ''),
  key_name text not null unique,
  key_algorithm text not null check (key_algorithm in ('ec-p256', 'rsa-3072')),
  diameter_mm smallint not null check (diameter_mm between 30 and 60),
  ring_text text not null,
  lower_text text,
  type_codes text[] not null,
  state text not null check (state in ('approved', 'active', 'suspended', 'revoked')),
  state_changed_at timestamptz not null,
  created_at timestamptz not null,
  -- The finished content stream of the appearance (zlib), kept so that the seal looks the same for ever.
  picture_content bytea,
  picture_resources text,
  picture_svg text,
  picture_digest bytea check (length(picture_digest) = 32),
  certificate bytea,
  chain bytea[],
  constraint seals_one_name_per_department unique (department_code, name),
  constraint seals_made_is_complete check (state = 'approved' or (picture_content is not null and picture_resources is not null and picture_svg is not null
    and picture_digest is not null and certificate is not null and chain is not null))
);

create table seal.statement_keys (
  kid text primary key check (kid ~ '^[0-9a-f]{16}$'),
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  key_name text not null unique,
  certificate bytea not null,
  state text not null check (state in ('active', 'retired', 'compromised')),
  state_changed_at timestamptz not null,
  signs_from timestamptz not null,
  signs_until timestamptz not null check (signs_until > signs_from),
  created_at timestamptz not null
);
create unique index statement_keys_one_active on seal.statement_keys (department_code) where state = 'active';

-- Every step of a seal's life: who did what, and why.
create table seal.seal_events (
  id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  action text not null check (action in ('approve', 'make', 'suspend', 'restore', 'revoke', 'change-types')),
  state text not null check (state in ('approved', 'active', 'suspended', 'revoked')),
  reason text,
  caller_id text not null,
  at timestamptz not null
);
create index seal_events_by_seal on seal.seal_events (seal_id, id);

-- Every use of a seal key: intended before the signature, sealed after it, two rows.
create table seal.seal_uses (
  use_id uuid not null,
  phase text not null check (phase in ('intended', 'sealed')),
  seal_id text not null references seal.seals,
  identifier text not null,
  type_code text not null,
  unsigned_digest bytea not null check (length(unsigned_digest) = 32),
  signed_digest bytea check (length(signed_digest) = 32),
  caller_id text not null,
  caller_department text not null,
  at timestamptz not null,
  primary key (use_id, phase),
  constraint seal_uses_sealed_has_digest check ((phase = 'sealed') = (signed_digest is not null))
);
create index seal_uses_by_identifier on seal.seal_uses (identifier);
create unique index seal_uses_count_once on seal.seal_uses (identifier, unsigned_digest) where phase = 'sealed';

create table seal.statement_uses (
  use_id uuid not null,
  phase text not null check (phase in ('intended', 'signed')),
  kid text not null references seal.statement_keys,
  identifier text not null,
  type_code text not null,
  data_digest bytea not null check (length(data_digest) = 32),
  caller_id text not null,
  caller_department text not null,
  at timestamptz not null,
  primary key (use_id, phase)
);
create index statement_uses_by_identifier on seal.statement_uses (identifier);
create unique index statement_uses_count_once on seal.statement_uses (identifier, data_digest) where phase = 'signed';

-- What a repeated request gets: the CMS and what the signed bytes were prepared with.
create table seal.sealings (
  identifier text not null,
  unsigned_digest bytea not null check (length(unsigned_digest) = 32),
  use_id uuid not null unique,
  seal_id text not null references seal.seals,
  page integer not null check (page >= 0),
  x double precision not null,
  y double precision not null,
  signed_at timestamptz not null,
  contents_length integer not null check (contents_length > 0),
  signed_digest bytea not null check (length(signed_digest) = 32),
  cms bytea not null,
  primary key (identifier, unsigned_digest)
);

create table seal.statements (
  identifier text not null,
  data_digest bytea not null check (length(data_digest) = 32),
  use_id uuid not null unique,
  kid text not null references seal.statement_keys,
  claims_digest bytea not null check (length(claims_digest) = 32),
  signed_at timestamptz not null,
  statement text not null,
  primary key (identifier, data_digest)
);

create function seal.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger seal_events_append_only before update or delete on seal.seal_events for each row execute function seal.refuse_change();
create trigger seal_events_keep_rows before truncate on seal.seal_events for each statement execute function seal.refuse_change();
create trigger seal_uses_append_only before update or delete on seal.seal_uses for each row execute function seal.refuse_change();
create trigger seal_uses_keep_rows before truncate on seal.seal_uses for each statement execute function seal.refuse_change();
create trigger statement_uses_append_only before update or delete on seal.statement_uses for each row execute function seal.refuse_change();
create trigger statement_uses_keep_rows before truncate on seal.statement_uses for each statement execute function seal.refuse_change();
create trigger sealings_append_only before update or delete on seal.sealings for each row execute function seal.refuse_change();
create trigger sealings_keep_rows before truncate on seal.sealings for each statement execute function seal.refuse_change();
create trigger statements_append_only before update or delete on seal.statements for each row execute function seal.refuse_change();
create trigger statements_keep_rows before truncate on seal.statements for each statement execute function seal.refuse_change();
