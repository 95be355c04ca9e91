create table directory.department (
  code text primary key check (code ~ '^[0-9A-Z]{18}$'),
  name_zh text not null,
  name_en text not null,
  area_code text not null check (area_code ~ '^[0-9]{6}$'),
  parent_code text references directory.department (code)
);

create table directory.account (
  id uuid primary key,
  username text not null unique check (username ~ '^[a-z0-9._-]{3,64}$'),
  name text not null,
  password text not null,
  department_code text not null references directory.department (code),
  roles text[] not null check (roles <@ array['issuer', 'viewer'] and cardinality(roles) > 0),
  is_demo boolean not null,
  created_at timestamptz not null,
  disabled_at timestamptz
);

-- The cookie's value is not here, only its digest: whoever reads this table cannot become anybody.
create table directory.session (
  id_digest bytea primary key,
  account_id uuid not null references directory.account (id) on delete cascade,
  started_at timestamptz not null,
  last_used_at timestamptz not null
);
create index session_by_account on directory.session (account_id);

create table directory.api_key (
  prefix text primary key,
  secret_digest bytea not null,
  name text not null,
  department_code text not null references directory.department (code),
  roles text[] not null check (roles <@ array['issuer', 'viewer'] and cardinality(roles) > 0),
  is_demo boolean not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);

-- Attempts by digest of the name as typed, whether such an account exists or not, so that the answer is the same for both.
create table directory.login_attempt (
  name_digest bytea primary key,
  attempts integer not null,
  ends_at timestamptz not null
);
create index login_attempt_by_end on directory.login_attempt (ends_at);

create table directory.login_audit (
  id uuid primary key,
  at timestamptz not null,
  event text not null check (event in ('logged in', 'refused', 'throttled', 'logged out')),
  account_id uuid,
  client_address text not null
);
create index login_audit_by_account on directory.login_audit (account_id, at);

create function directory.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name;
end $$;

create trigger login_audit_append_only before update or delete or truncate on directory.login_audit
  for each statement execute function directory.refuse_change();
