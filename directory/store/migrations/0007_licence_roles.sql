-- Whoever reviews licences and catalogue, draws templates, or fetches licences of others (permissions.ts); they stand with the issuers.
create or replace function directory.powers_of(roles text[]) returns integer immutable language sql as $$
  select (roles && array['seal-applicant', 'seal-reviewer', 'seal-maker', 'seal-keeper'])::integer
       + (roles && array['issuer', 'licence-reviewer', 'catalogue-editor', 'licence-user', 'seal-user', 'seal-approver'])::integer
       + (roles && array['auditor'])::integer
       + (roles && array['administrator'])::integer
$$;

create or replace function directory.are_roles(roles text[]) returns boolean immutable language sql as $$
  select cardinality(roles) > 0 and roles <@ array[
    'seal-applicant', 'seal-reviewer', 'seal-maker', 'seal-keeper', 'issuer', 'licence-reviewer', 'catalogue-editor',
    'licence-user', 'seal-user', 'seal-approver', 'auditor', 'administrator', 'viewer']
$$;
