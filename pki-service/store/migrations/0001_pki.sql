-- The register of certificates. A row is written before its certificate is signed (state prepared).
create table pki.certificates (
  serial_number text primary key check (serial_number ~ '^[1-7][0-9a-f]{31}$'),
  own_name text check (own_name in ('root', 'seal-ca', 'statement-ca', 'list-ca', 'status-list-signer', 'trust-list-signer')),
  profile text not null check (profile in ('root', 'issuing-ca', 'seal', 'statement', 'status-list-signer', 'trust-list-signer')),
  issuer text not null check (issuer in ('root', 'seal-ca', 'statement-ca', 'list-ca')),
  subject bytea not null,
  public_key bytea not null,
  public_key_digest bytea not null generated always as (sha256(public_key)) stored,
  not_before timestamptz not null,
  not_after timestamptz not null check (not_after > not_before),
  state text not null check (state in ('prepared', 'active', 'revoked')),
  certificate bytea,
  revoked_at timestamptz,
  revocation_reason text check (revocation_reason in ('unspecified', 'keyCompromise', 'cACompromise', 'affiliationChanged',
    'superseded', 'cessationOfOperation', 'privilegeWithdrawn')),
  created_at timestamptz not null,
  constraint certificates_active_is_signed check (state <> 'active' or certificate is not null),
  constraint certificates_revoked_has_time_and_reason check (
    (state = 'revoked') = (revoked_at is not null) and (state = 'revoked') = (revocation_reason is not null))
);

-- One living certificate for a key in a profile, so that a repeated request finds the first one's record.
create unique index certificates_one_live_per_key on pki.certificates (profile, public_key_digest) where state <> 'revoked';
create unique index certificates_one_live_per_own_name on pki.certificates (own_name) where state <> 'revoked';
create index certificates_revoked on pki.certificates (issuer) where state = 'revoked';

create table pki.crls (
  issuer text not null check (issuer in ('root', 'seal-ca', 'statement-ca', 'list-ca')),
  number bigint not null check (number > 0),
  crl bytea not null,
  this_update timestamptz not null,
  next_update timestamptz not null check (next_update > this_update),
  entry_count integer not null check (entry_count >= 0),
  primary key (issuer, number)
);

-- Who used which key for what: one row for each signature of an authority or a list signer.
create table pki.key_uses (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  key_name text not null,
  purpose text not null check (purpose in ('certificate', 'crl', 'status-list', 'trust-list')),
  subject text not null,
  digest bytea not null check (length(digest) = 32)
);

create function pki.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger crls_append_only before update or delete on pki.crls for each row execute function pki.refuse_change();
create trigger crls_keep_rows before truncate on pki.crls for each statement execute function pki.refuse_change();
create trigger key_uses_append_only before update or delete on pki.key_uses for each row execute function pki.refuse_change();
create trigger key_uses_keep_rows before truncate on pki.key_uses for each statement execute function pki.refuse_change();
