-- A warning about a seal is told to those who subscribed, as it is raised.
create function seal.tell_warning() returns trigger language plpgsql as $$
begin
  if new.seal_id is not null and new.department_code is not null then
    insert into seal.outbox (seal_id, department_code, topic, at, body)
      select s.id, new.department_code, 'warning.raised', new.raised_at, jsonb_build_object('warningId', new.warning_id::text, 'rule', new.rule,
        'sealId', s.id, 'sealName', s.name, 'facts', new.facts)
      from seal.seals s where s.id = new.seal_id;
  end if;
  return null;
end
$$;
create trigger warnings_tell after insert on seal.warnings for each row execute function seal.tell_warning();

-- What was given up is counted each minute.
create index webhook_deliveries_dead on seal.webhook_deliveries (webhook_id, position) where state = 'dead';
