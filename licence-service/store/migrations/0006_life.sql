-- The whole life of a licence: what it is ended or followed by and why, orders that wait for a second person or for their day, paper.
alter table licence.licences
  add column archived_at timestamptz,
  add column successor_cause text check (successor_cause in ('correct', 'change', 'renew', 'reseal', 'transfer')),
  add column sealed_legal_basis bytea,
  add column order_id uuid;

create index licences_ended on licence.licences (type_code, identifier)
  where archived_at is null and state in ('revoked', 'withdrawn', 'cancelled', 'transferred', 'superseded');
create index licences_with_last_day on licence.licences (type_code, valid_until)
  where archived_at is null and state in ('in force', 'suspended');

alter table licence.register_entries
  add column cause text check (cause in (
    'correct', 'change', 'renew', 'reseal', 'transfer', 'asked', 'ended', 'died', 'dissolved', 'issued-in-error')),
  add column sealed_legal_basis bytea,
  add column order_id uuid,
  add column second_person text;

-- Every way from one state to another; domain/licence.ts has the same list, and a test compares them.
create function licence.check_transition() returns trigger language plpgsql as $$
begin
  if (old.state, new.state) not in (
    ('prepared', 'in force'), ('prepared', 'rejected'),
    ('in force', 'suspended'), ('suspended', 'in force'),
    ('in force', 'revoked'), ('suspended', 'revoked'),
    ('in force', 'withdrawn'), ('suspended', 'withdrawn'),
    ('in force', 'cancelled'), ('suspended', 'cancelled'),
    ('in force', 'transferred'), ('in force', 'superseded')
  ) then
    raise exception 'a licence that is % does not become %', old.state, new.state using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
$$;
create trigger transitions before update of state on licence.licences
  for each row when (old.state is distinct from new.state) execute function licence.check_transition();

-- What was asked for and has not taken effect. What a clerk wrote stands sealed under the licence's own data key.
create table licence.act_orders (
  order_id uuid primary key,
  identifier text not null,
  type_code text not null,
  department_code text not null,
  action text not null check (action in (
    'correct', 'change', 'renew', 'reseal', 'suspend', 'restore', 'revoke', 'withdraw', 'cancel', 'transfer')),
  state text not null check (state in ('awaiting approval', 'scheduled', 'offered', 'done', 'refused', 'dropped', 'void')),
  cause text,
  to_department text,
  sealed_order bytea not null,
  effective_at timestamptz,
  caller jsonb not null,
  asked_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  settled_at timestamptz,
  successor text,
  sealed_note bytea,
  fault text,
  tried_at timestamptz,
  check ((state in ('awaiting approval', 'scheduled', 'offered')) = (settled_at is null)),
  check (state <> 'scheduled' or effective_at is not null),
  check (state <> 'offered' or to_department is not null)
);
create unique index act_orders_one_open on licence.act_orders (identifier) where settled_at is null;
create index act_orders_due on licence.act_orders (effective_at) where state = 'scheduled';
create index act_orders_of_department on licence.act_orders (department_code, asked_at desc, order_id desc);
create index act_orders_offered on licence.act_orders (to_department, asked_at desc, order_id desc) where to_department is not null;

-- Orders of the seal service to seal anew, as they are worked off here; what got no successor, and why.
create table licence.reseal_works (
  reseal_id uuid primary key,
  department_code text not null,
  caller jsonb not null,
  started_at timestamptz not null,
  ended_at timestamptz
);
create table licence.reseal_outcomes (
  reseal_id uuid not null references licence.reseal_works (reseal_id),
  use_id uuid not null,
  identifier text not null,
  successor text,
  fault text,
  primary key (reseal_id, use_id),
  check ((successor is null) <> (fault is null))
);

-- Paper printed from a licence. One sheet has one number.
create table licence.paper_prints (
  identifier text not null,
  print integer not null check (print > 0),
  type_code text not null,
  paper_serial text not null,
  at timestamptz not null,
  by text not null,
  primary key (identifier, print),
  unique (type_code, paper_serial)
);
create trigger append_only before update or delete or truncate on licence.paper_prints for each statement execute function licence.refuse_change();
