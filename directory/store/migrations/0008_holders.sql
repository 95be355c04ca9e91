-- Holders of licences log in without an account: by what a provider says of them, kept as a keyed hash and a masked name.
alter table directory.oidc_login add column audience text not null default 'people' check (audience in ('people', 'holders'));
alter table directory.oidc_login alter column audience drop default;

create table directory.holder_session (
  id_digest bytea primary key,
  holder_key text not null check (holder_key ~ '^[0-9a-f]{64}$'),
  -- As shown on the page: a person's masked, a company's in full.
  name_masked text not null,
  is_company boolean not null,
  assurance smallint not null check (assurance between 0 and 4),
  started_at timestamptz not null,
  last_used_at timestamptz not null
);
create index holder_session_by_end on directory.holder_session (started_at);

create table directory.holder_login (
  id uuid primary key,
  at timestamptz not null,
  event text not null check (event in ('logged in', 'refused', 'logged out')),
  holder_key text,
  client_address text not null
);
create index holder_login_by_time on directory.holder_login (at);
create trigger holder_login_append_only before update or truncate on directory.holder_login
  for each statement execute function directory.refuse_change();
create trigger holder_login_kept before delete on directory.holder_login
  for each row execute function directory.refuse_early_deletion();
