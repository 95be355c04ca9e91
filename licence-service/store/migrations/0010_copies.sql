-- Copies of licences for one purpose (加注件). Purpose, recipient and data stand sealed under a data key of the copy's own.
create table licence.copies (
  copy_id bytea primary key check (octet_length(copy_id) = 16),
  identifier text not null,
  type_code text not null,
  template_version integer not null,
  -- Of the original's issuer.
  department_code text not null,
  seal_id text not null,
  -- What the copy itself is; whether its original is suspended is asked of that.
  state text not null check (state in ('prepared', 'rejected', 'in force', 'revoked', 'ended')),
  status_list integer not null,
  status_place integer not null check (status_place between 0 and 1048575),
  maker text not null,
  maker_department text not null,
  recipient_code text,
  key text not null,
  request_mac bytea not null,
  made_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > made_at),
  wrapped_data_key bytea,
  sealed_data bytea not null,
  sealed_statement bytea,
  document_blob text,
  data_digest text not null,
  unsigned_digest text,
  sealed_digest text,
  refusal_code text,
  ended_at timestamptz,
  ended_by text,
  sealed_reason bytea,
  constraint copies_key unique (maker_department, key),
  check (state in ('prepared', 'rejected', 'ended') or (document_blob is not null and sealed_digest is not null)),
  check ((state in ('revoked', 'ended')) = (ended_at is not null))
);
create index copies_of_licence on licence.copies (identifier, made_at desc, copy_id);
create index copies_prepared on licence.copies (made_at) where state = 'prepared';
create index copies_by_document on licence.copies (document_blob);
create index copies_listed on licence.copies (status_list);
