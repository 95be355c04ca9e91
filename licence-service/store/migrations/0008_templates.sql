-- Definitions of licence types as data: fields, layout, number, example. A licence is drawn again by the version it was made with, so a
-- published one is never changed, only retired. One version of a type is published, and one is being drawn, at most.
create table licence.template_versions (
  type_code text not null check (type_code ~ '^[0-9A-Z]{21}$'),
  template_version integer not null check (template_version between 1 and 9999),
  state text not null check (state in ('draft', 'reviewed', 'published', 'retired')),
  definition jsonb not null check (jsonb_typeof(definition) = 'object'),
  -- SHA-256 of the canonical JSON of the definition without its version.
  definition_digest text not null,
  origin text not null check (origin in ('shipped', 'drawn')),
  -- Everybody who drew in it: none of them may review it.
  drawers text[] not null default '{}',
  drawn_at timestamptz not null,
  reviewed_by text,
  reviewed_at timestamptz,
  published_by text,
  published_at timestamptz,
  retired_by text,
  retired_at timestamptz,
  primary key (type_code, template_version),
  check (state not in ('published', 'retired') or published_at is not null),
  check ((state = 'retired') = (retired_at is not null))
);
create unique index template_versions_one_published on licence.template_versions (type_code) where state = 'published';
create unique index template_versions_one_open on licence.template_versions (type_code) where state in ('draft', 'reviewed');
create trigger keep_published before update or delete on licence.template_versions for each row execute function licence.keep_published();
create trigger keep_all before truncate on licence.template_versions for each statement execute function licence.refuse_change();

-- What a version looked like when it was published: the specimen, and its pages as the reviewer saw them.
create table licence.template_pictures (
  type_code text not null,
  template_version integer not null,
  -- 0 is the specimen itself, a PDF; its pages from 1 on are PNG.
  page integer not null check (page between 0 and 60),
  bytes bytea not null check (octet_length(bytes) between 1 and 8388608),
  primary key (type_code, template_version, page),
  foreign key (type_code, template_version) references licence.template_versions (type_code, template_version)
);
create trigger append_only before update or delete or truncate on licence.template_pictures for each statement execute function licence.refuse_change();
