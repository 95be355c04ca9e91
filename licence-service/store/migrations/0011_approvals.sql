-- Approval results (办件) that end in a licence: one licence for a case and type. Data and applicant stand sealed under a data key of the
-- case's own, which is destroyed once the licence holds them.
create table licence.cases (
  position bigint generated always as identity unique,
  department_code text not null,
  case_number text not null,
  type_code text not null,
  item_code text not null,
  applicant_mac bytea not null,
  decided_at timestamptz not null,
  submitted_at timestamptz not null,
  submitted_by text not null,
  request_mac bytea not null,
  wrapped_data_key bytea,
  sealed_request bytea not null,
  state text not null check (state in ('waiting', 'issued', 'refused')),
  -- Who issues it, from before the licence is asked for; and how often that was refused for good.
  issuing_by jsonb,
  issuing_since timestamptz,
  attempts integer not null default 0,
  last_fault text,
  identifier text,
  answered_at timestamptz,
  answered_by text,
  sealed_reason bytea,
  call_back text,
  call_back_state text check (call_back_state in ('due', 'delivered', 'given up')),
  call_back_due_at timestamptz,
  call_back_attempts integer not null default 0,
  call_back_fault text,
  primary key (department_code, case_number, type_code),
  check ((state = 'issued') = (identifier is not null)),
  check ((state = 'waiting') = (answered_at is null))
);
create index cases_waiting on licence.cases (department_code, position) where state = 'waiting';
create index cases_being_issued on licence.cases (issuing_since) where state = 'waiting' and issuing_by is not null;
create index cases_to_call_back on licence.cases (call_back_due_at) where call_back_state = 'due';

-- Machines that may have the licence at once (秒批), by type and until a day.
create table licence.unattended_grants (
  department_code text not null,
  client_id text not null,
  type_code text not null,
  granted_by text not null,
  granted_at timestamptz not null,
  until timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  primary key (department_code, client_id, type_code)
);
