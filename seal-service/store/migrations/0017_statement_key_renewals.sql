-- Who put a department's next statement key in the place of the one before.
create table seal.statement_key_renewals (
  renewal_id bigint generated always as identity primary key,
  from_kid text not null references seal.statement_keys (kid),
  to_kid text not null unique references seal.statement_keys (kid),
  caller_id text not null check (caller_id <> ''),
  at timestamptz not null
);
create trigger statement_key_renewals_append_only before update or delete on seal.statement_key_renewals for each row execute function seal.refuse_change();
create trigger statement_key_renewals_keep_rows before truncate on seal.statement_key_renewals for each statement execute function seal.refuse_change();
