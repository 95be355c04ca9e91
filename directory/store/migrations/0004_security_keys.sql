-- Credentials of WebAuthn. Only public keys are here.
create table directory.security_key (
  credential_id text primary key check (credential_id ~ '^[A-Za-z0-9_-]+$' and length(credential_id) <= 1400),
  account_id uuid not null references directory.account (id),
  name text not null,
  public_key bytea not null,
  counter bigint not null check (counter >= 0),
  transports text[] not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index security_key_by_account on directory.security_key (account_id);

-- What a session was asked to sign; taken away by the first answer, right or wrong.
create table directory.challenge (
  session_digest bytea not null references directory.session (id_digest) on delete cascade,
  purpose text not null check (purpose in ('register', 'step up')),
  challenge text not null,
  ends_at timestamptz not null,
  primary key (session_digest, purpose)
);
