// A register of any size, made where it lies: rows by `insert … select`, sealed columns of the size real ones have, nothing committed.
import { createHash } from 'node:crypto'
import type { Database } from '../platform/index.ts'
import { listTemplates } from '../templates/index.ts'

/** Licences in one statement: each ends well below the statement timeout. */
const CHUNK = 20_000
/** What a licence's data and its statement come to, sealed (measured on the examples of the shipped types). */
const DATA_BYTES = 1_300
const STATEMENT_BYTES = 420
const NOISE_BYTES = 4 << 20
/** Places of a list that are given away before the next one is opened. */
const FULL_AT = 786_432
/** Every holder has so many licences. */
const LICENCES_OF_HOLDER = 4

const AREAS = 50
const DEPARTMENTS_OF_AREA = 4
export const typeCodes = listTemplates().map(({ typeCode }) => typeCode)

const pad = (n: number, width: number) => String(n).padStart(width, '0')
export const areaOf = (n: number): string => pad(330_100 + (n % AREAS), 6)
const departmentOf = (n: number): string => `11${areaOf(n)}MB${pad(Math.floor(n / AREAS) % DEPARTMENTS_OF_AREA, 6)}XX`

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
/** The keyed hash that the holder of licence `n` stands under; made by md5 here, since SQL has it. */
export const holderKey = (n: number): Uint8Array => {
  const holder = Math.floor(n / LICENCES_OF_HOLDER)
  return Buffer.from(md5(`c${holder}`) + md5(`d${holder}`), 'hex')
}
export const identifierOf = (n: number): string =>
  `1.2.156.3005.2.${typeCodes[n % typeCodes.length]}.${departmentOf(n)}.${md5(`s${n}`).slice(0, 20).toUpperCase()}.001.0`

/** Expressions over `n`, the number of a licence from 0, that give what the functions above give. */
const area = `(330100 + n % ${AREAS})::text`
const department = `('11' || ${area} || 'MB' || lpad((n / ${AREAS} % ${DEPARTMENTS_OF_AREA})::text, 6, '0') || 'XX')`
const serial = `upper(substr(md5('s' || n), 1, 20))`
const type = `($3::text[])[1 + n % ${typeCodes.length}]`
const holder = `(n / ${LICENCES_OF_HOLDER})`
/** One in ten has ended: eight superseded to one revoked and one cancelled; one in a hundred is suspended. */
const state = `case when n % 100 < 8 then 'superseded' when n % 100 = 8 then 'revoked' when n % 100 = 9 then 'cancelled'
  when n % 100 = 10 then 'suspended' else 'in force' end`
const digest = (word: string) => `md5('${word}' || n) || md5('${word}2' || n)`
const noise = (bytes: number) => `substr(noise.bytes, 1 + (n * 7919 % ${NOISE_BYTES - DATA_BYTES})::integer, ${bytes})`
const issued = `(date '2020-01-01' + (n % 2400)::integer)`

const facts = `select n, '1.2.156.3005.2.' || ${type} || '.' || ${department} || '.' || ${serial} || '.001.0' as identifier,
    ${department} as department, ${type} as type, ${state} as state, ${issued} as issued, ${digest('x')} as data_digest,
    ${digest('y')} as sealed_digest
  from generate_series($1::bigint, $2::bigint - 1) n`

const insertLicences = `with facts as (${facts}), placed as (
    insert into licence.status_places (list, place, identifier)
    select n / ${FULL_AT}, n % ${FULL_AT} * 421 % 1048576, identifier from facts
  ), held as (
    insert into licence.holders (identifier, place, code_mac, name_mac)
    select identifier, 1, decode(md5('c' || ${holder}) || md5('d' || ${holder}), 'hex'), decode(md5('e' || ${holder}) || md5('f' || ${holder}), 'hex')
    from facts
  )
  insert into licence.licences (identifier, type_code, department_code, serial, version, template_version, printed_number, seal_id, state,
    status_list, status_place, issued_on, valid_from, valid_until, wrapped_data_key, sealed_data, sealed_statement, document_blob, data_digest,
    unsigned_digest, sealed_digest, prepared_at, caller, target_level, level)
  select identifier, type, department, ${serial}, 1, 1, lpad(n::text, 16, '0'), 'seal', state, n / ${FULL_AT}, n % ${FULL_AT} * 421 % 1048576,
    issued, issued, issued + 3650, ${noise(60)}, ${noise(DATA_BYTES)}, ${noise(STATEMENT_BYTES)}, ${digest('z')}, data_digest, ${digest('u')},
    sealed_digest, issued + time '09:00', '{"id": "bench", "kind": "machine", "departmentCode": "D", "roles": ["issuer"]}', 'B-LT', 'B-LT'
  from facts, licence.bench_noise noise order by n`

const insertEntries = `with facts as (${facts})
  insert into licence.register_entries (identifier, event, state, effective_at, recorded_at, recorded_by, department_code, data_digest, sealed_digest)
  select identifier, step.event, step.state, issued + step.day, issued + step.day, 'bench', department, data_digest, sealed_digest
  from facts, lateral (values (0, 'prepare', 'prepared'), (1, 'enter into force', 'in force'), (400, facts.state, facts.state)) step (day, event, state)
  where step.day < 400 or facts.state <> 'in force' order by n, step.day`

/** Changes as the feed keeps them, with their positions; the trigger that would write them is off meanwhile. */
const insertChanges = `with facts as (${facts})
  insert into licence.outbox (position, identifier, type_code, department_code, topic, at, body)
  select n + 1, identifier, type, department, 'licence.issued', issued + 1,
    jsonb_build_object('identifier', identifier, 'state', 'in force', 'effectiveAt', issued + 1, 'related', null)
  from facts order by n`

const TABLES = ['licences', 'holders', 'register_entries', 'outbox', 'status_places']

/** Takes the indexes of the large tables away but for those that keep rows unique; answers the statements that make them again. */
async function dropIndexes(database: Database): Promise<string[]> {
  const indexes = await database.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
     where n.nspname = 'licence' and t.relname = any($1) and not i.indisunique`,
    [TABLES],
  )
  for (const { name } of indexes) await database.script(`drop index ${name}`)
  return indexes.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '))
}

/**
 * Makes the register grow from `from` licences to `to`: indexes are built afterwards, statistics gathered and the visibility map made, as
 * autovacuum would.
 */
export async function growRegister(database: Database, from: number, to: number): Promise<void> {
  const indexes = await dropIndexes(database)
  await database.script(`
    create table if not exists licence.bench_noise (bytes bytea not null);
    alter table licence.bench_noise alter column bytes set storage external;
    insert into licence.bench_noise select decode(string_agg(md5(random()::text), ''), 'hex') from generate_series(1, ${NOISE_BYTES / 16})
      where not exists (select from licence.bench_noise) having count(*) > 0;
    insert into licence.status_lists (list_id) select generate_series(0, ${Math.floor((to - 1) / FULL_AT)}) on conflict do nothing;
    insert into licence.list_room (list) select list_id from licence.status_lists on conflict do nothing;`)
  for (let begin = from; begin < to; begin += CHUNK) {
    const range = [begin, Math.min(to, begin + CHUNK), typeCodes]
    await database.transaction(async (tx) => {
      // Neither triggers nor checks of references: both hold by how the rows are made, and cost more than the rows.
      await tx.query('set local session_replication_role = replica')
      for (const sql of [insertLicences, insertEntries, insertChanges]) await tx.query(sql, range)
    })
    await database.query('select licence.add_register_partitions(), licence.add_outbox_partitions()')
  }
  const unhurried = 'set statement_timeout = 0;'
  for (const definition of indexes) await database.script(`${unhurried} ${definition}`)
  await database.script(`
    update licence.outbox_head set position = ${to};
    update licence.list_room set allotted = least(${FULL_AT}, greatest(0, ${to} - list * ${FULL_AT}));`)
  for (const table of TABLES) await database.query(`vacuum (analyze) licence.${table}`)
}
