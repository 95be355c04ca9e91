-- The separated powers (permissions.ts): no account and no machine holds roles of two; viewer belongs to none.
create function directory.powers_of(roles text[]) returns integer immutable language sql as $$
  select (roles && array['seal-applicant', 'seal-reviewer', 'seal-maker', 'seal-keeper'])::integer
       + (roles && array['issuer', 'seal-user', 'seal-approver'])::integer
       + (roles && array['auditor'])::integer
       + (roles && array['administrator'])::integer
$$;

create function directory.are_roles(roles text[]) returns boolean immutable language sql as $$
  select cardinality(roles) > 0 and roles <@ array[
    'seal-applicant', 'seal-reviewer', 'seal-maker', 'seal-keeper', 'issuer', 'seal-user', 'seal-approver',
    'auditor', 'administrator', 'viewer']
$$;

alter table directory.account
  drop constraint account_roles_check,
  add constraint account_roles_known check (directory.are_roles(roles)),
  add constraint account_roles_of_one_power check (directory.powers_of(roles) <= 1);

alter table directory.api_key
  drop constraint api_key_roles_check,
  add constraint api_key_roles_known check (directory.are_roles(roles)),
  add constraint api_key_roles_of_one_power check (directory.powers_of(roles) <= 1);

-- A body that works for another, as a seal centre does for its whole city: its people's range begins there.
alter table directory.department
  add column acts_for_code text references directory.department (code),
  add constraint department_is_not_its_own_parent check (parent_code <> code);
create index department_by_parent on directory.department (parent_code);

-- When the person last proved to be there with a security key (WebAuthn).
alter table directory.session add column stepped_up_at timestamptz;
