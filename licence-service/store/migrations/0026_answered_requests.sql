-- Answers to requests that a department's key names and that stand nowhere else: a late repeat gets the first answer and changes nothing.
create table licence.answered_requests (
  department_code text not null,
  key text not null,
  request_digest bytea not null check (octet_length(request_digest) = 32),
  -- JSON as it was answered; null only while the request is under way.
  answer text,
  answered_at timestamptz not null,
  primary key (department_code, key)
);
