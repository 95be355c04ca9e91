-- Changes of licences for whoever is told of them. The position is given once the row is committed: no position below one that was seen
-- appears later. Nothing here belongs to a holder: identifiers, states and times alone.
create sequence licence.outbox_numbers;
create table licence.outbox (
  outbox_id bigint not null default nextval('licence.outbox_numbers') primary key,
  -- Unique because whoever gives positions holds outbox_head; across partitions no index could say so.
  position bigint check (position > 0),
  identifier text not null,
  type_code text not null,
  department_code text not null,
  topic text not null check (topic <> ''),
  at timestamptz not null,
  body jsonb not null
) partition by range (outbox_id);
create index outbox_unplaced on licence.outbox (outbox_id) where position is null;
create index outbox_by_position on licence.outbox (position) where position is not null;

create table licence.outbox_head (
  only_row boolean primary key default true check (only_row),
  position bigint not null check (position >= 0)
);
insert into licence.outbox_head (position) values (0);

create function licence.keep_outbox() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.position is null and new.position is not null
    and (new.outbox_id, new.identifier, new.topic, new.at, new.body) = (old.outbox_id, old.identifier, old.topic, old.at, old.body) then
    return new;
  end if;
  raise exception 'an event is placed once and nothing else' using errcode = 'restrict_violation';
end
$$;
create trigger outbox_keep before update or delete on licence.outbox for each row execute function licence.keep_outbox();

-- Adds the partitions of 20 million events that the next 10 million may need; answers how many it added.
create function licence.add_outbox_partitions() returns integer language plpgsql as $$
declare
  width constant bigint := 20000000;
  needed bigint;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('licence.add_outbox_partitions'));
  select (last_value + width / 2) / width into needed from licence.outbox_numbers;
  for part in 0 .. needed loop
    continue when to_regclass(format('licence.outbox_%s', part)) is not null;
    execute format('create table licence.outbox_%s partition of licence.outbox for values from (%s) to (%s)', part, part * width, (part + 1) * width);
    execute format('create trigger outbox_keep_rows before truncate on licence.outbox_%s for each statement execute function licence.refuse_change()', part);
    made := made + 1;
  end loop;
  return made;
end
$$;
select licence.add_outbox_partitions();

-- What an entry of the register is called for others. An act on a licence that another one follows is told by what it was done for.
create function licence.topic_of(event text, cause text) returns text immutable language sql as $$
  select 'licence.' || case
    when event in ('cancel', 'supersede', 'transfer') and cause in ('correct', 'change', 'renew', 'reseal', 'transfer')
      then case cause when 'correct' then 'corrected' when 'change' then 'changed' when 'renew' then 'renewed' when 'reseal' then 'resealed' else 'transferred' end
    else case event when 'enter into force' then 'issued' when 'suspend' then 'suspended' when 'restore' then 'restored' when 'revoke' then 'revoked'
      when 'withdraw' then 'withdrawn' when 'cancel' then 'cancelled' when 'transfer' then 'transferred' when 'supersede' then 'changed'
      when 'archive' then 'archived' else event end
  end
$$;

-- In the transaction of the entry, so that none is lost. What never left the house is nobody's business.
create function licence.tell_entries() returns trigger language plpgsql as $$
begin
  insert into licence.outbox (identifier, type_code, department_code, topic, at, body)
    select a.identifier, split_part(a.identifier, '.', 6), a.department_code, licence.topic_of(a.event, a.cause), a.recorded_at,
      jsonb_build_object('identifier', a.identifier, 'state', a.state, 'effectiveAt', a.effective_at, 'related', a.related)
    from added a where a.state not in ('prepared', 'rejected') order by a.entry;
  return null;
end
$$;
create trigger told after insert on licence.register_entries referencing new table as added
  for each statement execute function licence.tell_entries();
