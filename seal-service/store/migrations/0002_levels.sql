-- Whether the CMS holds a signature time stamp (level B-T): the stored CMS is what a repeat gets, with its stamp.
alter table seal.sealings add column time_stamped boolean not null default false;

-- A department may let another one's minting carry its seal on a type of licence (joint issue, 联合发文). Ended, never deleted.
create table seal.seal_grants (
  grant_id bigint generated always as identity primary key,
  seal_id text not null references seal.seals,
  department_code text not null check (department_code ~ '^[0-9A-Z]{18}$'),
  type_code text not null check (type_code <> ''),
  granted_at timestamptz not null,
  granted_by text not null,
  ended_at timestamptz check (ended_at >= granted_at),
  ended_by text,
  constraint seal_grants_ended_by_someone check ((ended_at is null) = (ended_by is null))
);
create unique index seal_grants_one_running on seal.seal_grants (seal_id, department_code, type_code) where ended_at is null;

alter table seal.seal_events drop constraint seal_events_action_check;
alter table seal.seal_events add constraint seal_events_action_check
  check (action in ('approve', 'make', 'suspend', 'restore', 'revoke', 'change-types', 'grant', 'end-grant'));

create function seal.keep_grant() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null and new.ended_at is not null
    and (new.grant_id, new.seal_id, new.department_code, new.type_code, new.granted_at, new.granted_by)
      = (old.grant_id, old.seal_id, old.department_code, old.type_code, old.granted_at, old.granted_by) then
    return new;
  end if;
  raise exception 'a grant may be ended once and nothing else' using errcode = 'restrict_violation';
end
$$;
create trigger seal_grants_only_end before update or delete on seal.seal_grants for each row execute function seal.keep_grant();
create trigger seal_grants_keep_rows before truncate on seal.seal_grants for each statement execute function seal.refuse_change();
