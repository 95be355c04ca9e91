-- Time stamps, OCSP answers and the generations of keys: a later generation of a name ends in -2, -3 … The list of names stands in
-- domain/authority.ts alone.
alter table pki.certificates
  drop constraint certificates_own_name_check,
  drop constraint certificates_profile_check,
  drop constraint certificates_issuer_check,
  add constraint certificates_own_name_check check (own_name ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'),
  add constraint certificates_profile_check check (profile in ('root', 'issuing-ca', 'seal', 'seal-maker', 'statement',
    'status-list-signer', 'trust-list-signer', 'time-stamp', 'ocsp-responder')),
  add constraint certificates_issuer_check check (issuer ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'),
  -- The part of its issuer's revocations that its distribution point names; 0 is the complete list.
  add column crl_shard integer not null default 0 check (crl_shard >= 0);

alter table pki.crls
  drop constraint crls_issuer_check,
  drop constraint crls_pkey,
  add constraint crls_issuer_check check (issuer ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'),
  add column shard integer not null default 0 check (shard >= 0),
  add constraint crls_pkey primary key (issuer, shard, number);

-- Uses of the keys that sign thousands of times an hour: one row for each key and hour, which only grows.
create table pki.key_use_hours (
  key_name text not null,
  purpose text not null check (purpose in ('time-stamp', 'ocsp')),
  hour timestamptz not null check (extract(epoch from hour)::bigint % 3600 = 0),
  count bigint not null check (count > 0),
  -- The latest time that a signature of this hour states.
  last_at timestamptz not null,
  primary key (key_name, purpose, hour)
);

create function pki.refuse_less() returns trigger language plpgsql as $$
begin
  if (new.key_name, new.purpose, new.hour) is distinct from (old.key_name, old.purpose, old.hour)
    or new.count < old.count or new.last_at < old.last_at then
    raise exception '% only grows', tg_table_name using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;

create trigger key_use_hours_grow before update on pki.key_use_hours for each row execute function pki.refuse_less();
create trigger key_use_hours_keep before delete on pki.key_use_hours for each row execute function pki.refuse_change();
create trigger key_use_hours_keep_rows before truncate on pki.key_use_hours for each statement execute function pki.refuse_change();
