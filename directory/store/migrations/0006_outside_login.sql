-- Logins under way at an OpenID provider: bound to one browser by its cookie, taken once, gone after minutes.
create table directory.oidc_login (
  state_digest bytea primary key,
  browser_digest bytea not null,
  nonce text not null,
  code_verifier text not null,
  return_to text not null check (return_to ~ '^/([^/\\].*)?$'),
  ends_at timestamptz not null
);
create index oidc_login_by_end on directory.oidc_login (ends_at);

-- Who somebody is at a provider.
create table directory.oidc_link (
  issuer text not null,
  subject text not null,
  account_id uuid not null references directory.account (id),
  linked_at timestamptz not null,
  primary key (issuer, subject),
  unique (issuer, account_id)
);
