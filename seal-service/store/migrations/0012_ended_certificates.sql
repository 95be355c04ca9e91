-- Ended seals whose certificates their authority has been asked to revoke, with how many another authority answers for.
create table seal.ended_certificates (
  seal_id text primary key references seal.seals,
  elsewhere integer not null check (elsewhere >= 0),
  at timestamptz not null
);
