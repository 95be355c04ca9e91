-- What leaves the house about seals: filings, events for others, warnings of the supervision, calls of document systems.

-- Filings (备案) that the publisher is to be told; each is tried until it is done. What it answered stays.
create table seal.filing_orders (
  order_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  task text not null check (task in ('release', 'renew', 'deactivate')),
  kind text check (kind in ('revoked', 'withdrawn', 'lost')),
  -- Which one of its task: the event that asks for it, or 'asked'.
  cause text not null check (cause <> ''),
  reason text,
  effective_at timestamptz,
  ordered_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'filed')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null,
  leased_until timestamptz,
  last_fault text,
  publisher text,
  record_number text,
  -- The fields as they were sent.
  sent jsonb,
  filed_at timestamptz,
  constraint filing_orders_once unique (seal_id, task, cause),
  constraint filing_orders_kind_of_deactivation check ((task = 'deactivate') = (kind is not null)),
  constraint filing_orders_filed_is_complete check ((state = 'filed') = (filed_at is not null and record_number is not null and publisher is not null))
);
create index filing_orders_waiting on seal.filing_orders (seal_id, order_id) where state = 'waiting';

create function seal.keep_filing() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'waiting'
    and (new.order_id, new.seal_id, new.task, new.cause, new.ordered_at) = (old.order_id, old.seal_id, old.task, old.cause, old.ordered_at) then
    return new;
  end if;
  raise exception 'a filing that is done stays as it is' using errcode = 'restrict_violation';
end
$$;
create trigger filing_orders_keep before update or delete on seal.filing_orders for each row execute function seal.keep_filing();
create trigger filing_orders_keep_rows before truncate on seal.filing_orders for each statement execute function seal.refuse_change();

-- In the transaction of the event, so that none is lost. Of a seal that was never filed nobody need hear the end.
create function seal.order_filing() returns trigger language plpgsql as $$
declare
  ends text := case new.action when 'revoke' then 'revoked' when 'withdraw' then 'withdrawn' when 'cancel' then 'withdrawn'
    when 'replace' then 'withdrawn' when 'report-lost' then 'lost' end;
begin
  if new.action = 'file' then
    insert into seal.filing_orders (seal_id, task, cause, ordered_at, next_attempt_at)
      values (new.seal_id, 'release', 'asked', new.at, new.at) on conflict do nothing;
  elsif ends is not null or new.action = 'renew' then
    insert into seal.filing_orders (seal_id, task, kind, cause, reason, effective_at, ordered_at, next_attempt_at)
      select new.seal_id, case when ends is null then 'renew' else 'deactivate' end, ends, 'event ' || new.id, new.reason, new.effective_at, new.at, new.at
      where exists (select from seal.filing_orders where seal_id = new.seal_id and task = 'release')
      on conflict do nothing;
  end if;
  return null;
end
$$;
create trigger seal_events_file after insert on seal.seal_events for each row execute function seal.order_filing();

-- Events for others. The position is given once the row is committed: no position below one that was seen appears later.
create table seal.outbox (
  outbox_id bigint generated always as identity primary key,
  position bigint unique check (position > 0),
  seal_id text not null references seal.seals,
  department_code text not null,
  topic text not null check (topic <> ''),
  at timestamptz not null,
  body jsonb not null
);
create index outbox_unplaced on seal.outbox (outbox_id) where position is null;

create table seal.outbox_head (
  only_row boolean primary key default true check (only_row),
  position bigint not null check (position >= 0)
);
insert into seal.outbox_head (position) values (0);

create function seal.keep_outbox() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.position is null and new.position is not null
    and (new.outbox_id, new.seal_id, new.topic, new.at, new.body) = (old.outbox_id, old.seal_id, old.topic, old.at, old.body) then
    return new;
  end if;
  raise exception 'an event is placed once and nothing else' using errcode = 'restrict_violation';
end
$$;
create trigger outbox_keep before update or delete on seal.outbox for each row execute function seal.keep_outbox();
create trigger outbox_keep_rows before truncate on seal.outbox for each statement execute function seal.refuse_change();

-- Who wants to be told.
create table seal.webhooks (
  webhook_id uuid primary key,
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  -- Events of the department's own seals, or of those below it too.
  covers text not null check (covers in ('own', 'below')),
  address text not null,
  topics text[] not null check (array_length(topics, 1) between 1 and 40),
  created_by text not null,
  created_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  -- Deliveries were made out for every event up to here.
  made_out bigint not null check (made_out >= 0),
  -- After a failure nothing is sent before this time.
  resting_until timestamptz,
  constraint webhooks_ended_by_someone check ((ended_at is null) = (ended_by is null))
);
create index webhooks_by_department on seal.webhooks (department_code, webhook_id);

create table seal.webhook_deliveries (
  webhook_id uuid not null references seal.webhooks,
  position bigint not null references seal.outbox (position),
  seal_id text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null,
  leased_until timestamptz,
  last_fault text,
  settled_at timestamptz,
  primary key (webhook_id, position),
  constraint webhook_deliveries_settled check ((state = 'waiting') = (settled_at is null))
);
create index webhook_deliveries_waiting on seal.webhook_deliveries (webhook_id, seal_id, position) where state = 'waiting';

create function seal.tell_event() returns trigger language plpgsql as $$
begin
  insert into seal.outbox (seal_id, department_code, topic, at, body)
    select s.id, s.department_code, 'seal.' || new.action, new.at, jsonb_build_object('eventId', new.id::text, 'sealId', s.id, 'sealName', s.name,
      'action', new.action, 'state', new.state, 'reason', new.reason, 'effectiveAt', new.effective_at, 'by', new.caller_id)
    from seal.seals s where s.id = new.seal_id;
  return null;
end
$$;
create trigger seal_events_tell after insert on seal.seal_events for each row execute function seal.tell_event();

-- Uses are told only while somebody wants them: they are a hundred times as many.
create function seal.tell_uses() returns trigger language plpgsql as $$
begin
  if exists (select from seal.webhooks where ended_at is null and 'use.sealed' = any(topics)) then
    insert into seal.outbox (seal_id, department_code, topic, at, body)
      select s.id, s.department_code, 'use.sealed', a.at, jsonb_build_object('useId', a.use_id, 'sealId', s.id, 'sealName', s.name,
        'identifier', a.identifier, 'typeCode', a.type_code, 'signedDigest', encode(a.signed_digest, 'hex'), 'by', a.caller_id, 'byDepartment', a.caller_department)
      from added a join seal.seals s on s.id = a.seal_id where a.phase = 'sealed' order by a.use_id;
  end if;
  return null;
end
$$;
create trigger seal_uses_tell after insert on seal.seal_uses referencing new table as added for each statement execute function seal.tell_uses();

-- Rules of supervision where a department has its own settings.
create table seal.supervision_rules (
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  rule text not null check (rule <> ''),
  settings jsonb not null,
  set_by text not null,
  set_at timestamptz not null,
  primary key (department_code, rule)
);

-- One warning for each occasion, ever: `occasion` tells two of them apart.
create table seal.warnings (
  warning_id bigint generated always as identity primary key,
  rule text not null check (rule <> ''),
  occasion text not null check (occasion <> ''),
  -- Null: of the whole house.
  department_code text,
  seal_id text references seal.seals,
  facts jsonb not null,
  raised_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'acknowledged', 'closed')),
  state_changed_at timestamptz not null,
  constraint warnings_once unique (rule, occasion)
);
create index warnings_by_state on seal.warnings (state, warning_id);
create index warnings_by_department on seal.warnings (department_code, warning_id);

create table seal.warning_acts (
  act_id bigint generated always as identity primary key,
  warning_id bigint not null references seal.warnings,
  action text not null check (action in ('acknowledge', 'close')),
  reason text not null check (reason <> ''),
  caller_id text not null,
  at timestamptz not null
);
create index warning_acts_by_warning on seal.warning_acts (warning_id, act_id);

create function seal.keep_warning() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.warning_id, new.rule, new.occasion, new.raised_at) = (old.warning_id, old.rule, old.occasion, old.raised_at)
    and (old.state, new.state) in (values ('open', 'acknowledged'), ('open', 'closed'), ('acknowledged', 'closed')) then
    return new;
  end if;
  raise exception 'a warning is acknowledged and closed and nothing else' using errcode = 'restrict_violation';
end
$$;
create trigger warnings_keep before update or delete on seal.warnings for each row execute function seal.keep_warning();
create trigger warnings_keep_rows before truncate on seal.warnings for each statement execute function seal.refuse_change();

-- Uses that were refused, counted by the day (Asia/Shanghai): who tried what with which seal.
create table seal.refusals (
  day date not null,
  caller_id text not null,
  caller_department text not null,
  code text not null,
  seal_id text not null,
  type_code text not null,
  times bigint not null check (times > 0),
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (day, caller_id, caller_department, code, seal_id, type_code)
);

create table seal.supervision_runs (
  only_row boolean primary key default true check (only_row),
  -- Uses before this time were looked at.
  uses_until timestamptz not null
);

-- What a document system was given for a digest (OES); a repeat gets the same. The uses stand in seal_uses.
create table seal.oes_signatures (
  identifier text not null,
  data_hash bytea not null check (length(data_hash) = 32),
  use_id uuid not null unique,
  seal_id text not null references seal.seals,
  layout text not null check (layout in ('V4', 'V5')),
  property_info text not null,
  -- SES_Signature, DER.
  signature bytea not null,
  signature_digest bytea not null generated always as (sha256(signature)) stored,
  signed_at timestamptz not null,
  primary key (identifier, data_hash)
);
create index oes_signatures_by_digest on seal.oes_signatures (signature_digest);
create trigger oes_signatures_append_only before update or delete on seal.oes_signatures for each row execute function seal.refuse_change();
create trigger oes_signatures_keep_rows before truncate on seal.oes_signatures for each statement execute function seal.refuse_change();

-- Signatures that whoever had them made took back (撤章).
create table seal.oes_cancellations (
  use_id uuid primary key references seal.oes_signatures (use_id),
  reason text not null check (reason <> ''),
  caller_id text not null,
  at timestamptz not null
);

select seal.keep_in_ledger(kept) from unnest(array['warning_acts', 'oes_cancellations']) kept;
