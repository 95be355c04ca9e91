-- Certificates that other cities gave our roots: their verifiers reach us through them. A name's newest one is published.
create table pki.cross_certificates (
  certificate_digest bytea primary key check (length(certificate_digest) = 32),
  name text not null check (name ~ '^root-by-[a-z0-9]+(-[a-z0-9]+)*$' and length(name) <= 40),
  -- Which of our roots it is of.
  root text not null,
  certificate bytea not null,
  not_before timestamptz not null,
  not_after timestamptz not null check (not_after > not_before),
  imported_at timestamptz not null
);

alter table pki.imports
  drop constraint imports_source_check,
  add constraint imports_source_check check (source in ('ceremony', 'outside', 'cross'));

create trigger cross_certificates_append_only before update or delete on pki.cross_certificates
  for each row execute function pki.refuse_change();
create trigger cross_certificates_keep_rows before truncate on pki.cross_certificates
  for each statement execute function pki.refuse_change();
