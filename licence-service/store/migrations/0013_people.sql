-- People: who read whose data, what is counted of it, and what holders and companies may do about theirs. Names, words and reasons stand
-- here only sealed; people only as keyed hashes or as the accounts that the directory knows.

-- Who read what of whose licence, in months, so that what is older than it is kept goes with its month. Rows of months that were not made
-- ahead lie in the rest.
create sequence licence.read_numbers;
create table licence.reads (
  read bigint not null default nextval('licence.read_numbers'),
  at timestamptz not null,
  reader text not null,
  reader_kind text not null check (reader_kind in ('person', 'machine', 'system', 'holder', 'agent')),
  department_code text not null,
  -- Null: a list, of `count` licences.
  identifier text,
  what text not null check (what in ('list', 'search', 'data', 'document', 'statement', 'copy', 'check', 'export', 'raise')),
  count integer not null default 1 check (count >= 0),
  matter_code text,
  primary key (at, read)
) partition by range (at);
create table licence.reads_rest partition of licence.reads default;
create index reads_of_licence on licence.reads (identifier, at desc, read desc);
create index reads_of_department on licence.reads (department_code, at desc, read desc);
create trigger append_only before update or delete or truncate on licence.reads for each statement execute function licence.refuse_change();
create trigger append_only before update or delete or truncate on licence.reads_rest for each statement execute function licence.refuse_change();

-- What is counted, by day (in China), type and department. Changes are added beside those that wrote them and folded by a job, so that no
-- two who write wait for one row.
create table licence.figure_changes (
  change bigint generated always as identity primary key,
  day date not null,
  type_code text not null,
  department_code text not null,
  figure text not null,
  value bigint not null
);
create table licence.daily_figures (
  day date not null,
  type_code text not null,
  department_code text not null,
  area_code text generated always as (substr(department_code, 3, 6)) stored,
  figure text not null,
  value bigint not null,
  primary key (figure, department_code, type_code, day)
);

-- What one register entry adds: its event on the day it takes effect, and the days between which the licence counts as in force, by its
-- state and its days of validity. The sum of 'in force' up to a day is the number in force on it.
create function licence.figures_of(entry bigint, licence text, event text, state text, effective_at timestamptz)
returns table (day date, figure text, value bigint) stable language sql as $$
  select f.day, f.figure, f.value
  from (
    select (effective_at at time zone 'Asia/Shanghai')::date as on_day, l.valid_from, l.valid_until,
      (case when state = 'in force' then 1 else 0 end) - (case when event <> 'enter into force' and (
        select e.state from licence.register_entries e where e.identifier = licence and e.entry < figures_of.entry
        order by e.entry desc limit 1) = 'in force' then 1 else 0 end) as step
    from licence.licences l where l.identifier = licence
  ) s cross join lateral (values
    (s.on_day, event, 1::bigint),
    (greatest(s.on_day, s.valid_from), 'in force', s.step::bigint),
    (greatest(s.on_day, s.valid_from, s.valid_until + 1), case when s.valid_until is null then 'no end' else 'in force' end, -s.step::bigint)
  ) as f (day, figure, value)
  where f.value <> 0 and f.figure <> 'no end'
$$;

create function licence.count_entries() returns trigger language plpgsql as $$
begin
  insert into licence.figure_changes (day, type_code, department_code, figure, value)
  select f.day, split_part(a.identifier, '.', 6), a.department_code, f.figure, sum(f.value)
  from added a cross join lateral licence.figures_of(a.entry, a.identifier, a.event, a.state, a.effective_at) f
  where a.event <> 'prepare'
  group by 1, 2, 3, 4 having sum(f.value) <> 0
  union all
  select (a.recorded_at at time zone 'Asia/Shanghai')::date, l.type_code, a.department_code, 'register seconds',
    ceil(sum(extract(epoch from a.recorded_at - l.prepared_at)))
  from added a join licence.licences l on l.identifier = a.identifier
  where a.event = 'enter into force' group by 1, 2, 3;
  return null;
end
$$;
create trigger counted after insert on licence.register_entries referencing new table as added
  for each statement execute function licence.count_entries();
insert into licence.figure_changes (day, type_code, department_code, figure, value)
select f.day, split_part(a.identifier, '.', 6), a.department_code, f.figure, sum(f.value)
from licence.register_entries a cross join lateral licence.figures_of(a.entry, a.identifier, a.event, a.state, a.effective_at) f
where a.event <> 'prepare'
group by 1, 2, 3, 4 having sum(f.value) <> 0;

-- A field of a licence that its holder or another department holds to be wrong.
create table licence.disputes (
  dispute uuid primary key,
  identifier text not null,
  department_code text not null,
  field text,
  sealed_words bytea not null,
  raised_by text not null,
  raised_by_kind text not null check (raised_by_kind in ('holder', 'department')),
  raised_at timestamptz not null,
  answer_until date not null,
  state text not null check (state in ('open', 'refused', 'corrected')),
  sealed_answer bytea,
  answered_by text,
  answered_at timestamptz,
  corrected_by text,
  check ((state = 'open') = (answered_at is null))
);
create index disputes_open on licence.disputes (department_code, answer_until, dispute) where state = 'open';
create index disputes_of_department on licence.disputes (department_code, raised_at desc, dispute);
create index disputes_of_licence on licence.disputes (identifier, raised_at);
create unique index disputes_one_open on licence.disputes (identifier, coalesce(field, ''), raised_by) where state = 'open';

-- Who may act for a company, with what, for which types (null: all), from when to when. Their names are sealed.
create table licence.agents (
  agency uuid primary key,
  company_mac bytea not null,
  agent_mac bytea not null,
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['read', 'download', 'dispute']),
  type_codes text[] check (cardinality(type_codes) > 0),
  from_at timestamptz not null,
  until_at timestamptz not null check (until_at > from_at),
  recorded_at timestamptz not null,
  ended_at timestamptz,
  sealed_names bytea not null,
  wrapped_data_key bytea not null
);
create index agents_of_company on licence.agents (company_mac, recorded_at desc);
create index agents_by_agent on licence.agents (agent_mac);

-- Up to which register entry a holder has read what happened to their licences.
create table licence.notices_seen (
  holder_mac bytea primary key,
  entry bigint not null,
  seen_at timestamptz not null
);

-- For how many days what is kept, where that is not what the code says.
create table licence.retention_rules (
  what text primary key check (what in ('licences', 'reads', 'disputes', 'agents')),
  days integer not null check (days between 180 and 36525),
  set_at timestamptz not null
);

-- Erasures of personal data: asked by one person, done by another. What was erased is not told, only why it could be.
create table licence.erasures (
  erasure uuid primary key,
  identifier text not null,
  department_code text not null,
  cause text not null check (cause in ('retention-over', 'holder-asked', 'court-order', 'issued-in-error')),
  state text not null check (state in ('asked', 'done', 'refused')),
  asked_by text not null,
  asked_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  check ((state = 'asked') = (decided_at is null)),
  check (decided_by is distinct from asked_by)
);
create unique index erasures_one_open on licence.erasures (identifier) where state = 'asked';
create index erasures_of_department on licence.erasures (department_code, asked_at desc, erasure);
create index disputes_by_raiser on licence.disputes (raised_by, raised_at desc);
