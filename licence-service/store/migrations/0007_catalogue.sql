-- What the catalogue says of licence types (GB/T 36902), version by version. A published version is never changed, only retired; issued
-- licences name theirs. One version of a type is published, and one is being written, at most.
create table licence.types (
  type_code text not null check (type_code ~ '^[0-9A-Z]{21}$'),
  version integer not null check (version between 1 and 9999),
  state text not null check (state in ('draft', 'reviewed', 'published', 'retired')),
  entry jsonb not null check (jsonb_typeof(entry) = 'object'),
  entry_digest text not null,
  -- Whose editors keep it; null of what was shipped, which the departments keep that issue it.
  keeper text,
  -- Everybody who wrote in it: none of them may review it.
  writers text[] not null default '{}',
  written_at timestamptz not null,
  reviewed_by text,
  reviewed_at timestamptz,
  published_by text,
  published_at timestamptz,
  retired_by text,
  retired_at timestamptz,
  primary key (type_code, version),
  check (state not in ('published', 'retired') or published_at is not null),
  check ((state = 'retired') = (retired_at is not null))
);
create unique index types_one_published on licence.types (type_code) where state = 'published';
create unique index types_one_open on licence.types (type_code) where state in ('draft', 'reviewed');

create table licence.catalogue_imports (
  import bigint generated always as identity primary key,
  digest text not null,
  signer text not null,
  at timestamptz not null,
  by text not null,
  department_code text not null,
  added text[] not null,
  changed text[] not null
);
create trigger append_only before update or delete or truncate on licence.catalogue_imports for each statement execute function licence.refuse_change();

-- Whoever holds catalogue and templates in memory looks here whether they changed.
create table licence.template_revision (
  only_row boolean primary key default true check (only_row),
  revision bigint not null
);
insert into licence.template_revision (revision) values (1);

create function licence.keep_published() returns trigger language plpgsql as $$
declare
  free constant text[] := array['state', 'retired_by', 'retired_at'];
begin
  if old.state in ('published', 'retired') and (
    tg_op = 'DELETE' or (to_jsonb(new) - free) is distinct from (to_jsonb(old) - free)
    or new.state not in ('published', 'retired') or (old.state = 'retired' and new is distinct from old)
  ) then
    raise exception 'published versions of %.% are never changed', tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  if tg_op = 'DELETE' then return old; end if;
  return new;
end
$$;
create trigger keep_published before update or delete on licence.types for each row execute function licence.keep_published();
create trigger keep_all before truncate on licence.types for each statement execute function licence.refuse_change();
