-- Certificates of seals that outside authorities give: asked for by a request, brought in later, renewed. A seal that waits for its first
-- one has its picture and its key.
create table seal.seal_certificates (
  seal_id text not null references seal.seals,
  number integer not null check (number > 0),
  source text not null check (source in ('own', 'outside')),
  key_name text not null,
  certificate bytea not null,
  certificate_digest bytea not null generated always as (sha256(certificate)) stored,
  -- Issuer first, root last where it is one.
  chain bytea[] not null,
  in_use_from timestamptz not null,
  caller_id text not null,
  primary key (seal_id, number),
  constraint seal_certificates_once unique (certificate_digest)
);

-- The certificate in use; the ones before it stay on record, since what they sealed stands.
alter table seal.seals
  add column certificate_number integer,
  add constraint seals_certificate_in_use foreign key (id, certificate_number) references seal.seal_certificates (seal_id, number);

insert into seal.seal_certificates (seal_id, number, source, key_name, certificate, chain, in_use_from, caller_id)
  select s.id, 1, 'own', s.key_name, s.certificate, s.chain, coalesce(e.at, s.state_changed_at), coalesce(e.caller_id, 'system')
  from seal.seals s left join seal.seal_events e on e.seal_id = s.id and e.action = 'make'
  where s.certificate is not null;
update seal.seals set certificate_number = 1 where certificate is not null;

alter table seal.seals
  drop constraint seals_state_check,
  drop constraint seals_made_is_complete,
  drop column certificate,
  drop column chain,
  add constraint seals_state_check check (state in ('approved', 'waiting', 'active', 'suspended', 'revoked')),
  add constraint seals_made_has_certificate check (state in ('approved', 'waiting') or certificate_number is not null),
  add constraint seals_made_has_picture check (state = 'approved' or (picture_content is not null and picture_resources is not null
    and picture_svg is not null and picture_digest is not null));

alter table seal.seal_events
  drop constraint seal_events_state_check,
  drop constraint seal_events_action_check,
  add constraint seal_events_state_check check (state in ('approved', 'waiting', 'active', 'suspended', 'revoked')),
  add constraint seal_events_action_check check (action in ('approve', 'wait', 'make', 'suspend', 'restore', 'revoke', 'change-types',
    'grant', 'end-grant', 'request', 'renew'));

-- Requests (PKCS #10) that left this installation; a repeat hands out the same one.
create table seal.certificate_requests (
  request_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  key_name text not null,
  public_key bytea not null,
  public_key_digest bytea not null generated always as (sha256(public_key)) stored,
  subject bytea not null,
  csr bytea not null,
  caller_id text not null,
  at timestamptz not null,
  constraint certificate_requests_once unique (public_key_digest, subject)
);
create index certificate_requests_by_seal on seal.certificate_requests (seal_id, request_id);

-- Authorities outside to which seals may lead: trust anchors by an operator's decision. Ended, never deleted.
create table seal.authorities (
  authority_id bigint generated always as identity primary key,
  certificate bytea not null,
  certificate_digest bytea not null generated always as (sha256(certificate)) stored,
  trusted_at timestamptz not null,
  trusted_by text not null,
  ended_at timestamptz check (ended_at >= trusted_at),
  ended_by text,
  constraint authorities_ended_by_someone check ((ended_at is null) = (ended_by is null))
);
create unique index authorities_one_running on seal.authorities (certificate_digest) where ended_at is null;

create function seal.keep_authority() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null and new.ended_at is not null
    and (new.authority_id, new.certificate, new.trusted_at, new.trusted_by)
      = (old.authority_id, old.certificate, old.trusted_at, old.trusted_by) then
    return new;
  end if;
  raise exception 'trust in an authority may be ended once and nothing else' using errcode = 'restrict_violation';
end
$$;

create trigger seal_certificates_append_only before update or delete on seal.seal_certificates
  for each row execute function seal.refuse_change();
create trigger seal_certificates_keep_rows before truncate on seal.seal_certificates
  for each statement execute function seal.refuse_change();
create trigger certificate_requests_append_only before update or delete on seal.certificate_requests
  for each row execute function seal.refuse_change();
create trigger certificate_requests_keep_rows before truncate on seal.certificate_requests
  for each statement execute function seal.refuse_change();
create trigger authorities_only_end before update or delete on seal.authorities for each row execute function seal.keep_authority();
create trigger authorities_keep_rows before truncate on seal.authorities for each statement execute function seal.refuse_change();
