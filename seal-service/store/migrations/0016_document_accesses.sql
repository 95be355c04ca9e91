-- Who was handed a sealed document that is kept, and who removed one.
create table seal.document_accesses (
  access_id bigint generated always as identity primary key,
  document_id uuid not null references seal.documents,
  what text not null check (what in ('read', 'removed')),
  caller_id text not null check (caller_id <> ''),
  caller_name text,
  at timestamptz not null
);
create index document_accesses_of_document on seal.document_accesses (document_id, access_id);
create trigger document_accesses_append_only before update or delete on seal.document_accesses for each row execute function seal.refuse_change();
create trigger document_accesses_keep_rows before truncate on seal.document_accesses for each statement execute function seal.refuse_change();
