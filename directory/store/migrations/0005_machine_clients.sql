-- Machines that prove who they are with a private key of their own (RFC 7523); here are its public parts.
create table directory.machine_client (
  id uuid primary key,
  name text not null,
  department_code text not null references directory.department (code),
  roles text[] not null,
  keys jsonb not null check (jsonb_array_length(keys) between 1 and 3),
  created_at timestamptz not null,
  closed_at timestamptz,
  constraint machine_client_roles_known check (directory.are_roles(roles)),
  constraint machine_client_roles_of_one_power check (directory.powers_of(roles) <= 1)
);
create index machine_client_by_department on directory.machine_client (department_code);

-- Names of assertions that were taken, until none could be shown again.
create table directory.client_assertion (
  client_id uuid not null references directory.machine_client (id),
  jti_digest bytea not null,
  ends_at timestamptz not null,
  primary key (client_id, jti_digest)
);
create index client_assertion_by_end on directory.client_assertion (ends_at);

create table directory.access_token (
  digest bytea primary key,
  client_id uuid not null references directory.machine_client (id),
  ends_at timestamptz not null
);
create index access_token_by_end on directory.access_token (ends_at);
create index access_token_by_client on directory.access_token (client_id);
