-- Departments by region (GB/T 2260: province, city, county in six digits; GB/T 10114: town in nine), closed and merged ones.
alter table directory.department
  drop constraint department_area_code_check,
  add constraint department_area_code_check check (area_code ~ '^[0-9]{6}([0-9]{3})?$'),
  add column closed_at timestamptz,
  add column successor_code text references directory.department (code),
  add constraint department_successor_of_a_closed_one check (
    successor_code is null or (closed_at is not null and successor_code <> code));

-- What a person was, where, from when until when. The open one says what the account says now.
create table directory.post (
  id uuid primary key,
  account_id uuid not null references directory.account (id),
  department_code text not null references directory.department (code),
  title text,
  roles text[] not null check (directory.are_roles(roles)),
  from_at timestamptz not null,
  until_at timestamptz check (until_at >= from_at)
);
create unique index post_open on directory.post (account_id) where until_at is null;
create index post_by_account on directory.post (account_id, from_at);
create index post_by_department on directory.post (department_code);
insert into directory.post (id, account_id, department_code, roles, from_at, until_at)
  select gen_random_uuid(), id, department_code, roles, created_at, greatest(disabled_at, created_at) from directory.account;
create index account_by_department on directory.account (department_code, username);

-- Every change that people make to people, departments and machines, with who made it, in the transaction of the change.
create table directory.audit (
  sequence bigint generated always as identity primary key,
  at timestamptz not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  subject text not null,
  department_code text not null references directory.department (code),
  detail jsonb not null
);
create index audit_by_department on directory.audit (department_code, sequence);
create trigger audit_append_only before update or delete or truncate on directory.audit
  for each statement execute function directory.refuse_change();

-- Logins may be forgotten, but none before 180 days, whatever the program is told.
create function directory.refuse_early_deletion() returns trigger language plpgsql as $$
begin
  if old.at > now() - interval '180 days' then
    raise exception 'rows of % are never changed, and kept for 180 days', tg_table_name;
  end if;
  return old;
end $$;
drop trigger login_audit_append_only on directory.login_audit;
create trigger login_audit_append_only before update or truncate on directory.login_audit
  for each statement execute function directory.refuse_change();
create trigger login_audit_kept before delete on directory.login_audit
  for each row execute function directory.refuse_early_deletion();
create index login_audit_by_time on directory.login_audit (at);
