-- Who may get what of whose licence, and who did. Holders stand here only as keyed hashes; why something was fetched is sealed.

-- Service items (事项) of a department, for which it fetches licences. A machine named here need not name the matter itself.
create table sharing.matters (
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  matter_code text not null check (matter_code <> ''),
  name text not null check (name <> ''),
  client_ids text[] not null default '{}',
  created_by text not null,
  created_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  primary key (department_code, matter_code),
  constraint matters_ended_by_someone check ((ended_at is null) = (ended_by is null))
);
create index matters_by_client on sharing.matters using gin (client_ids) where ended_at is null;

-- What one department gives another of the licences of one type that it, or a department below it, issued.
create table sharing.agreements (
  agreement_id uuid primary key,
  provider_code text not null check (provider_code ~ '^[0-9A-Z]{18}$'),
  consumer_code text not null check (consumer_code ~ '^[0-9A-Z]{18}$'),
  type_code text not null,
  matter_codes text[] not null check (cardinality(matter_codes) between 1 and 100),
  legal_basis text not null check (legal_basis <> ''),
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  daily_uses integer not null check (daily_uses > 0),
  daily_holders integer not null check (daily_holders > 0),
  state text not null check (state in ('proposed', 'accepted', 'refused', 'ended')),
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  ended_by text,
  ended_at timestamptz,
  -- Idempotency-Key of the proposal, and what it was for.
  request_key text not null,
  request_digest bytea not null,
  constraint agreements_once unique (provider_code, request_key),
  constraint agreements_of_two check (provider_code <> consumer_code),
  constraint agreements_last check (valid_until > valid_from),
  constraint agreements_decided_by_someone check ((decided_at is null) = (decided_by is null) and (state in ('accepted', 'refused')) <= (decided_at is not null)),
  constraint agreements_ended_by_someone check ((ended_at is null) = (ended_by is null) and (state = 'ended') = (ended_at is not null))
);
create index agreements_of_consumer on sharing.agreements (consumer_code, type_code, agreement_id);
create index agreements_of_provider on sharing.agreements (provider_code, agreement_id);

create table sharing.agreement_fields (
  agreement_id uuid not null references sharing.agreements,
  field text not null check (field <> ''),
  primary key (agreement_id, field)
);

-- What was agreed stays as it was: another agreement takes its place.
create function sharing.keep_agreement() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.state, new.state) in (values ('proposed', 'accepted'), ('proposed', 'refused'), ('proposed', 'ended'), ('accepted', 'ended'))
    and (new.agreement_id, new.provider_code, new.consumer_code, new.type_code, new.matter_codes, new.legal_basis, new.valid_from, new.valid_until,
      new.daily_uses, new.daily_holders, new.proposed_by, new.proposed_at)
      = (old.agreement_id, old.provider_code, old.consumer_code, old.type_code, old.matter_codes, old.legal_basis, old.valid_from, old.valid_until,
      old.daily_uses, old.daily_holders, old.proposed_by, old.proposed_at) then
    return new;
  end if;
  raise exception 'an agreement is accepted, refused or ended and nothing else' using errcode = 'restrict_violation';
end
$$;
create trigger agreements_keep before update or delete on sharing.agreements for each row execute function sharing.keep_agreement();

create function sharing.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of %.% are only ever added', tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
create trigger append_only before update or delete or truncate on sharing.agreement_fields for each statement execute function sharing.refuse_change();

-- The key under which the reasons of a month's accesses are sealed; destroyed with the month.
create table sharing.access_keys (
  month date primary key,
  wrapped_key bytea not null
);

-- Every call, answered or refused, before its answer was sent. Rows of months that were not made ahead lie in the rest.
create sequence sharing.access_numbers;
create table sharing.accesses (
  at timestamptz not null,
  access bigint not null default nextval('sharing.access_numbers'),
  what text not null check (what in ('search', 'data', 'file', 'file-check', 'data-check', 'qr-check', 'prefill')),
  caller_id text not null,
  caller_kind text not null check (caller_kind in ('person', 'machine')),
  department_code text not null,
  matter_code text not null,
  key_month date not null,
  -- Purpose and legal basis.
  sealed_reason bytea not null,
  type_code text,
  identifier text,
  fields text[] not null default '{}',
  -- given, nothing, check:0 … check:6, or why it was refused.
  answer text not null check (answer <> ''),
  agreement_id uuid,
  primary key (at, access)
) partition by range (at);
create table sharing.accesses_rest partition of sharing.accesses default;
create index accesses_of_department on sharing.accesses (department_code, at desc, access desc);
create index accesses_of_licence on sharing.accesses (identifier, at desc, access desc) where identifier is not null;

create table sharing.access_holders (
  holder_mac bytea not null,
  at timestamptz not null,
  access bigint not null,
  primary key (holder_mac, at, access)
) partition by range (at);
create table sharing.access_holders_rest partition of sharing.access_holders default;

create trigger append_only before update or delete or truncate on sharing.accesses for each statement execute function sharing.refuse_change();
create trigger append_only before update or delete or truncate on sharing.accesses_rest for each statement execute function sharing.refuse_change();
create trigger append_only before update or delete or truncate on sharing.access_holders for each statement execute function sharing.refuse_change();
create trigger append_only before update or delete or truncate on sharing.access_holders_rest for each statement execute function sharing.refuse_change();

-- Makes the partitions of a month, unless they are there or the rest has rows of it.
create function sharing.add_access_month(month date) returns boolean language plpgsql as $$
declare
  starts timestamptz := month::timestamp at time zone 'UTC';
  ends timestamptz := (month + interval '1 month') at time zone 'UTC';
  name text;
begin
  perform pg_advisory_xact_lock(hashtext('sharing.add_access_month'));
  if to_regclass(format('sharing.accesses_%s', to_char(month, 'YYYYMM'))) is not null
    or exists (select from sharing.accesses_rest where at >= starts and at < ends) then
    return false;
  end if;
  foreach name in array array['accesses', 'access_holders'] loop
    execute format('create table sharing.%s_%s partition of sharing.%s for values from (%L) to (%L)', name, to_char(month, 'YYYYMM'), name, starts, ends);
    execute format('create trigger append_only before update or delete or truncate on sharing.%s_%s for each statement execute function sharing.refuse_change()',
      name, to_char(month, 'YYYYMM'));
  end loop;
  return true;
end
$$;

-- Drops the months that lie wholly before a time, with their keys; answers how many.
create function sharing.drop_access_months(before timestamptz) returns integer language plpgsql as $$
declare
  part record;
  dropped integer := 0;
begin
  for part in select substr(relname, 10) as month from pg_class
    where relnamespace = 'sharing'::regnamespace and relispartition and relname ~ '^accesses_\d{6}$' order by relname loop
    continue when (to_date(part.month, 'YYYYMM') + interval '1 month') at time zone 'UTC' > before;
    execute format('drop table sharing.accesses_%s', part.month);
    execute format('drop table sharing.access_holders_%s', part.month);
    dropped := dropped + 1;
  end loop;
  delete from sharing.access_keys where (month + interval '1 month') at time zone 'UTC' <= before;
  return dropped;
end
$$;

-- How much was used on a day (Asia/Shanghai) under an agreement, or of a type that needs none.
create table sharing.quota_days (
  scope text not null,
  day date not null,
  uses integer not null default 0 check (uses >= 0),
  holders integer not null default 0 check (holders >= 0),
  misses integer not null default 0 check (misses >= 0),
  primary key (scope, day)
);
create table sharing.quota_holders (
  scope text not null,
  day date not null,
  holder_mac bytea not null,
  primary key (scope, day, holder_mac)
);

-- Licences that a department relies on, because it fetched them: of their changes it may be told.
create table sharing.relied_on (
  department_code text not null,
  identifier text not null,
  since timestamptz not null,
  primary key (department_code, identifier)
);

-- Which field of which type fills which field of a form (辅助录入); the newest version counts.
create table sharing.prefill_maps (
  department_code text not null,
  form_code text not null check (form_code <> ''),
  version integer not null check (version > 0),
  fields jsonb not null,
  made_by text not null,
  made_at timestamptz not null,
  primary key (department_code, form_code, version)
);
create trigger append_only before update or delete or truncate on sharing.prefill_maps for each statement execute function sharing.refuse_change();

create table sharing.subscriptions (
  subscription_id uuid primary key,
  department_code text not null,
  address text not null,
  topics text[] not null check (cardinality(topics) between 1 and 40),
  created_by text not null,
  created_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  request_key text not null,
  request_digest bytea not null,
  -- Deliveries were made out for every change up to here.
  made_out bigint not null check (made_out >= 0),
  -- After a failure nothing is sent before this time.
  resting_until timestamptz,
  constraint subscriptions_once unique (department_code, request_key),
  constraint subscriptions_ended_by_someone check ((ended_at is null) = (ended_by is null))
);
create index subscriptions_by_department on sharing.subscriptions (department_code, subscription_id);

-- Each holds what is sent: the register may live in another database.
create table sharing.deliveries (
  subscription_id uuid not null references sharing.subscriptions,
  position bigint not null check (position > 0),
  identifier text not null,
  topic text not null,
  department_code text not null,
  at timestamptz not null,
  body jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null,
  leased_until timestamptz,
  last_fault text,
  settled_at timestamptz,
  primary key (subscription_id, position),
  constraint deliveries_settled check ((state = 'waiting') = (settled_at is null))
);
create index deliveries_waiting on sharing.deliveries (subscription_id, identifier, position) where state = 'waiting';

-- Addresses of copies, as hashes of the part that nobody guesses.
create table sharing.downloads (
  ticket_hash bytea primary key,
  copy_id text not null,
  expires_at timestamptz not null
);
create index downloads_by_end on sharing.downloads (expires_at);
