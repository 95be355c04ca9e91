-- Documents handed in to be issued as licences (批文, 证明, 鉴定报告, 办事结果), until they are or are forgotten. Each stands among the
-- documents under a data key of its own; a plain digest of a short form would let a thief of the database guess what it says.
create table licence.waiting_bodies (
  department_code text not null,
  digest_mac bytea not null,
  bytes integer not null check (bytes > 0),
  wrapped_data_key bytea not null,
  blob text not null,
  added_by text not null,
  added_at timestamptz not null,
  forgotten_at timestamptz not null,
  primary key (department_code, digest_mac)
);
create index waiting_bodies_by_blob on licence.waiting_bodies (blob);
create index waiting_bodies_by_end on licence.waiting_bodies (forgotten_at);
