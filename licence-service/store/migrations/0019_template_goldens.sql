-- What a published template must look like: a specimen that is drawn again by every later version of the service and compared. Another one
-- takes its place only when it was proposed by one person and approved by another.
create table licence.template_goldens (
  type_code text not null,
  template_version integer not null,
  revision integer not null check (revision between 1 and 9999),
  state text not null check (state in ('proposed', 'approved', 'refused', 'replaced')),
  specimen bytea not null check (octet_length(specimen) between 1 and 8388608),
  specimen_digest text not null,
  -- With what it was drawn, so that it can be drawn again: on whose behalf, and when.
  issuer_code text not null,
  issuer_name text not null,
  drawn_at timestamptz not null,
  reason text not null check (length(reason) <= 500),
  proposed_by text not null,
  decided_by text,
  decided_at timestamptz,
  primary key (type_code, template_version, revision),
  foreign key (type_code, template_version) references licence.template_versions (type_code, template_version),
  check (decided_by is distinct from proposed_by),
  check ((decided_by is null) = (decided_at is null)),
  check (state not in ('approved', 'refused') or decided_by is not null)
);
create unique index template_goldens_one_approved on licence.template_goldens (type_code, template_version) where state = 'approved';
create unique index template_goldens_one_proposed on licence.template_goldens (type_code, template_version) where state = 'proposed';

-- What was looked at stays what it was: only whether it counts changes, and what ended does not begin again.
create function licence.keep_golden() returns trigger language plpgsql as $$
declare
  free constant text[] := array['state', 'decided_by', 'decided_at'];
begin
  if (to_jsonb(new) - free) is distinct from (to_jsonb(old) - free)
    or not (old.state = 'proposed' and new.state in ('approved', 'refused', 'replaced') or old.state = 'approved' and new.state = 'replaced')
    or (old.decided_by is not null and (new.decided_by, new.decided_at) is distinct from (old.decided_by, old.decided_at)) then
    raise exception 'golden specimens are never changed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
$$;
create trigger keep_golden before update on licence.template_goldens for each row execute function licence.keep_golden();
create trigger keep_all before delete or truncate on licence.template_goldens for each statement execute function licence.refuse_change();

-- What the last comparison of a version found; another one writes over it.
create table licence.template_checks (
  type_code text not null,
  template_version integer not null,
  revision integer not null,
  outcome text not null check (outcome in ('same', 'differs', 'failed')),
  differences jsonb not null check (jsonb_typeof(differences) = 'array'),
  checked_at timestamptz not null,
  primary key (type_code, template_version),
  foreign key (type_code, template_version, revision) references licence.template_goldens (type_code, template_version, revision)
);
