-- The ledger: every row of uses and events is linked into one chain of digests, so that a row changed, removed, put in or moved later is
-- found (docs/operations/ledger.md). Writers leave a note in their own transaction; a sequencer links what is committed.
create table seal.ledger_tables (
  table_name text primary key check (table_name ~ '^[a-z][a-z_]*$'),
  since timestamptz not null default clock_timestamp()
);

-- What waits to be linked.
create table seal.ledger_pending (
  pending_id bigint generated always as identity primary key,
  table_name text not null,
  -- Primary key of the row as a JSON array of texts.
  entry_key text not null,
  noted_at timestamptz not null default clock_timestamp()
);

-- One row: the chain's name, where it ends, and what was last signed about it. Its lock lets one sequencer at a time link.
create table seal.ledger_chain (
  is_only boolean primary key default true check (is_only),
  chain_id bytea not null check (length(chain_id) = 32),
  sequence bigint not null check (sequence >= 0),
  link_digest bytea not null check (length(link_digest) = 32),
  begun_at timestamptz not null,
  signed_sequence bigint check (signed_sequence <= sequence),
  signed_head text
);

create table seal.ledger_links (
  sequence bigint primary key check (sequence > 0),
  table_name text not null,
  entry_key text not null,
  entry_digest bytea not null check (length(entry_digest) = 32),
  previous_digest bytea not null check (length(previous_digest) = 32),
  link_digest bytea not null check (length(link_digest) = 32),
  linked_at timestamptz not null,
  constraint ledger_links_once unique (table_name, entry_key)
);

-- Heads that stay on record: daily and at a stop. Without a statement where nobody certifies a key for it.
create table seal.ledger_checkpoints (
  number integer primary key check (number > 0),
  sequence bigint not null check (sequence > 0),
  link_digest bytea not null check (length(link_digest) = 32),
  cause text not null check (cause in ('daily', 'stop')),
  signed_at timestamptz not null,
  statement text,
  -- RFC 3161 token over SHA-256 of the statement.
  time_stamp bytea,
  constraint ledger_checkpoints_stamped_is_signed check (time_stamp is null or statement is not null)
);

create trigger ledger_links_append_only before update or delete on seal.ledger_links for each row execute function seal.refuse_change();
create trigger ledger_links_keep_rows before truncate on seal.ledger_links for each statement execute function seal.refuse_change();
create trigger ledger_checkpoints_append_only before update or delete on seal.ledger_checkpoints
  for each row execute function seal.refuse_change();
create trigger ledger_checkpoints_keep_rows before truncate on seal.ledger_checkpoints
  for each statement execute function seal.refuse_change();
create trigger ledger_tables_append_only before update or delete on seal.ledger_tables for each row execute function seal.refuse_change();
create trigger ledger_tables_keep_rows before truncate on seal.ledger_tables for each statement execute function seal.refuse_change();

-- Takes a table of this schema into the ledger: rows to come by a trigger, those it has at once. The table is append-only from then on; a
-- column added to it later may be null, since what is null is no part of a digest.
create function seal.keep_in_ledger(kept text) returns void language plpgsql as $$
declare
  entry_key text;
  in_order text;
begin
  select format('jsonb_build_array(%s)::text', string_agg(format('%I::text', a.attname), ', ' order by k.place)),
    string_agg(format('%I', a.attname), ', ' order by k.place)
    into strict entry_key, in_order
    from pg_index i, unnest(i.indkey) with ordinality k(number, place), pg_attribute a
    where i.indrelid = format('seal.%I', kept)::regclass and i.indisprimary and a.attrelid = i.indrelid and a.attnum = k.number
      and a.atttypid in ('text'::regtype, 'uuid'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
    having count(*) = max(i.indnkeyatts);
  if exists (select from pg_attribute where attrelid = format('seal.%I', kept)::regclass and attname = 'at' and attnum > 0) then
    in_order := 'at, ' || in_order;
  end if;
  insert into seal.ledger_tables (table_name) values (kept);
  if not exists (select from pg_trigger where tgrelid = format('seal.%I', kept)::regclass and tgname = kept || '_append_only') then
    execute format('create trigger %I before update or delete on seal.%I for each row execute function seal.refuse_change()',
      kept || '_append_only', kept);
  end if;
  if not exists (select from pg_trigger where tgrelid = format('seal.%I', kept)::regclass and tgname = kept || '_keep_rows') then
    execute format('create trigger %I before truncate on seal.%I for each statement execute function seal.refuse_change()',
      kept || '_keep_rows', kept);
  end if;
  execute format('create function seal.%I() returns trigger language plpgsql as $note$
    begin
      insert into seal.ledger_pending (table_name, entry_key) select %L, %s from fresh;
      return null;
    end
    $note$', 'note_' || kept, kept, entry_key);
  execute format('create trigger %I after insert on seal.%I referencing new table as fresh for each statement execute function seal.%I()',
    kept || '_in_ledger', kept, 'note_' || kept);
  execute format('insert into seal.ledger_pending (table_name, entry_key) select %L, %s from seal.%I order by %s',
    kept, entry_key, kept, in_order);
end
$$;

-- Since when a seal's key is not its owner's alone.
create table seal.compromises (
  compromise_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  since timestamptz not null,
  reason text not null check (reason <> ''),
  caller_id text not null,
  at timestamptz not null,
  constraint compromises_in_the_past check (since <= at),
  constraint compromises_once unique (seal_id, since)
);

-- Who looked at whose uses.
create table seal.ledger_reads (
  read_id uuid primary key,
  kind text not null check (kind in ('search', 'export', 'affected', 'affected-export')),
  seal_id text,
  filter jsonb not null,
  caller_id text not null,
  caller_department text not null,
  at timestamptz not null
);

-- When the time stamp in a sealing's CMS was made (genTime); null: it holds none. What was sealed before is read from the CMS by a job.
create table seal.stamp_times (
  use_id uuid primary key,
  stamped_at timestamptz
);
create table seal.stamps_unread (
  use_id uuid primary key
);
insert into seal.stamps_unread select use_id from seal.sealings where time_stamped;
insert into seal.stamp_times select use_id, null from seal.sealings where not time_stamped;
create trigger stamp_times_append_only before update or delete on seal.stamp_times for each row execute function seal.refuse_change();
create trigger stamp_times_keep_rows before truncate on seal.stamp_times for each statement execute function seal.refuse_change();

-- Sealing anew, with another seal, what a compromise put in doubt: one item for each use. Whoever owns the documents works it off.
create table seal.reseals (
  reseal_id uuid primary key,
  seal_id text not null references seal.seals,
  new_seal_id text not null references seal.seals,
  since timestamptz not null,
  caller_id text not null,
  caller_department text not null,
  at timestamptz not null,
  -- Every item is done or given up.
  ended_at timestamptz check (ended_at >= at),
  constraint reseals_with_another check (new_seal_id <> seal_id)
);
create unique index reseals_one_running on seal.reseals (seal_id) where ended_at is null;

create table seal.reseal_items (
  reseal_id uuid not null references seal.reseals,
  use_id uuid not null,
  identifier text not null,
  type_code text not null,
  signed_digest bytea not null check (length(signed_digest) = 32),
  -- Of the use.
  at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'given-up')),
  -- What took its place, sealed with the other seal.
  new_identifier text,
  new_use_id uuid,
  reason text,
  changed_at timestamptz,
  primary key (reseal_id, use_id),
  constraint reseal_items_done_has_successor check ((state = 'done') = (new_use_id is not null and new_identifier is not null)),
  constraint reseal_items_given_up_has_reason check ((state = 'given-up') = (reason is not null))
);
create index reseal_items_waiting on seal.reseal_items (reseal_id, at, use_id) where state = 'waiting';

create index seal_uses_by_seal on seal.seal_uses (seal_id, at, use_id, phase);

select seal.keep_in_ledger(kept)
  from unnest(array['seal_events', 'seal_uses', 'statement_uses', 'maker_uses', 'compromises', 'ledger_reads']) kept;
