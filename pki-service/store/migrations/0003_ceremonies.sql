-- What ceremonies sign: requests that left this installation, and what was brought back.
alter table pki.certificates
  drop constraint certificates_serial_number_check,
  drop constraint certificates_profile_check,
  -- An outside authority numbers as it likes: 1 to 20 octets (RFC 5280 §4.1.2.2).
  add constraint certificates_serial_number_check check (serial_number ~ '^([0-9a-f]{2}){1,20}$'),
  add constraint certificates_profile_check check (profile in ('root', 'issuing-ca', 'seal', 'seal-maker', 'statement', 'status-list-signer',
    'trust-list-signer', 'time-stamp', 'ocsp-responder', 'cross-ca', 'outside-ca'));

alter table pki.key_uses
  drop constraint key_uses_purpose_check,
  add constraint key_uses_purpose_check check (purpose in ('certificate', 'crl', 'status-list', 'trust-list', 'certificate-request'));

-- A request for a certificate that another authority is to sign. A repeat hands out the same request.
create table pki.certificate_requests (
  public_key_digest bytea primary key check (length(public_key_digest) = 32),
  -- Set for the service's own entities; null for the key of another service.
  own_name text unique,
  profile text not null check (profile in ('issuing-ca', 'ocsp-responder', 'seal', 'statement')),
  subject bytea not null,
  csr bytea not null,
  created_at timestamptz not null
);

-- What was brought in: one row for each import that changed something.
create table pki.imports (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  source text not null check (source in ('ceremony', 'outside')),
  root_digest bytea not null check (length(root_digest) = 32),
  detail text not null
);

create trigger certificate_requests_append_only before update or delete on pki.certificate_requests
  for each row execute function pki.refuse_change();
create trigger certificate_requests_keep_rows before truncate on pki.certificate_requests
  for each statement execute function pki.refuse_change();
create trigger imports_append_only before update or delete on pki.imports for each row execute function pki.refuse_change();
create trigger imports_keep_rows before truncate on pki.imports for each statement execute function pki.refuse_change();
