import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findByHash } from '../../licence-service/store/hash-search.ts'
import {
  changeState,
  findByHolderKey,
  findLicence,
  insertPrepared,
  type PreparedRow,
} from '../../licence-service/store/licences.ts'
import { listLicences } from '../../licence-service/store/listed-licences.ts'
import { appendEntries, entriesOf, makeRoom } from '../../licence-service/store/register.ts'
import { type Database, migrate, packagePath, type Queryable } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const at = new Date('2026-11-21T08:00:00Z')
const department = '11110000000000000X'
const holder = (n: number) => ({ codeMac: Uint8Array.of(1, n), nameMac: Uint8Array.of(2, n) })
const row = (identifier: string, place: number, extra: Partial<PreparedRow> = {}): PreparedRow => ({
  identifier,
  typeCode: 'T',
  departmentCode: department,
  serial: identifier,
  version: 1,
  templateVersion: 1,
  printedNumber: `N-${identifier}`,
  sealId: 'S',
  coSeals: [],
  targetLevel: 'B-B',
  statusList: 0,
  statusPlace: place,
  issuedOn: '2026-11-21',
  validFrom: '2026-11-21',
  validUntil: null,
  wrappedDataKey: Uint8Array.of(1),
  sealedData: Uint8Array.of(2),
  pictureBlobs: [],
  dataDigest: 'd',
  preparedAt: at,
  replaces: null,
  supersedesFrom: null,
  sealedReason: null,
  successorCause: null,
  sealedLegalBasis: null,
  orderId: null,
  caller: { id: 'x', kind: 'person', departmentCode: department, roles: ['issuer'] },
  holders: [holder(place % 11)],
  fieldMacs: [],
  ...extra,
})
const identifierOf = (typeCode: string, n: number) => `1.2.156.3005.2.${typeCode}.${department}.${n}.001.0`
const entry = (identifier: string) => ({
  identifier,
  event: 'prepare' as const,
  state: 'prepared' as const,
  sealedReason: null,
  effectiveAt: at,
  recordedAt: at,
  recordedBy: 'x',
  departmentCode: department,
  dataDigest: 'd',
  sealedDigest: null,
  related: null,
})
const partitions = async (database: Database, table: string) =>
  (
    await database.query<{ name: string }>(
      'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1',
      [`licence.${table}`],
    )
  ).map(({ name }) => name)

for (const engine of engines)
  describe(`the partitioned register on ${engine.name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await engine.open()
      await migrate(database, { schema: 'licence', folder: packagePath('licence-service/store/migrations') })
      const rows = Array.from({ length: 40 }, (_, place) => row(`id${place}`, place))
      await database.transaction((tx) => insertPrepared(tx, rows))
    })
    afterAll(() => database.close())

    it('spreads licences and holders, and finds them as one table', async () => {
      for (const table of ['licences', 'holders']) {
        const used = await database.query(`select distinct tableoid from licence.${table}`)
        expect(used.length, table).toBeGreaterThan(1)
      }
      expect((await findLicence(database, 'id7'))!.statusPlace).toBe(7)
      const page = await listLicences(database, { departmentCode: department, limit: 5 })
      expect(page.map(({ identifier }) => identifier)).toEqual(['id39', 'id38', 'id37', 'id36', 'id35'])
    })

    it('keeps the row of a usual licence in one place, and takes large ones', async () => {
      const octetsBeside = async () => {
        const [sum] = await database.query<{ octets: string }>(
          `select sum(pg_relation_size(reltoastrelid))::text as octets from pg_class
           where oid in (select inhrelid from pg_inherits where inhparent = 'licence.licences'::regclass)`,
        )
        return Number(sum!.octets)
      }
      const insert = (identifier: string, place: number, octets: number) =>
        database.transaction((tx) =>
          insertPrepared(tx, [row(identifier, place, { sealedData: new Uint8Array(randomBytes(octets)) })]),
        )
      await insert('usual', 700, 2_500)
      expect(await octetsBeside()).toBe(0)
      await insert('large', 701, 20_000)
      expect(await octetsBeside()).toBeGreaterThan(0)
      expect((await findLicence(database, 'large'))!.sealedData).toHaveLength(20_000)
    })

    it('finds the licences of a holder by type, newest first, each once, and fetches no others', async () => {
      const { codeMac } = holder(20)
      const types = ['T', 'T', 'T', 'another']
      const identifiers = types.map(identifierOf)
      const holders = [holder(20), holder(20)]
      const rows = types.map((typeCode, n) => row(identifiers[n]!, 720 + n, { typeCode, holders }))
      await database.transaction((tx) => insertPrepared(tx, rows))
      await database.query(
        `update licence.licences set state = 'in force', document_blob = 'd', sealed_digest = 'd', level = 'B-B' where identifier = any($1)`,
        [identifiers],
      )
      let fetched = 0
      const counting: Queryable = {
        async query<Row>(...asked: Parameters<Queryable['query']>) {
          const answer = await database.query<Row>(...asked)
          fetched += answer.length
          return answer
        },
      }
      const find = async (mac: Uint8Array, ...typeCodes: string[]) =>
        (await findByHolderKey(counting, { codeMac: mac, typeCodes, day: '2026-11-21', most: 2 })).map(
          ({ identifier }) => identifiers.indexOf(identifier),
        )
      expect(await find(codeMac, 'T')).toEqual([2, 1])
      expect(await find(codeMac, 'T', 'another')).toEqual([3, 2])
      expect(await find(codeMac, 'none')).toEqual([])
      expect(await find(Uint8Array.of(9), 'T')).toEqual([])
      expect(fetched).toBe(4)
    })

    it('lets one of many replacements at once be prepared, and another after that one was rejected', async () => {
      const attempts = Array.from({ length: 8 }, (_, n) => row(`next${n}`, 600 + n, { replaces: 'id1' }))
      const outcomes = await Promise.allSettled(
        attempts.map((one) => database.transaction((tx) => insertPrepared(tx, [one]))),
      )
      const prepared = attempts.filter((_, n) => outcomes[n]!.status === 'fulfilled')
      expect(prepared).toHaveLength(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: '23505' })

      const again = row('again', 650, { replaces: 'id1' })
      await expect(database.transaction((tx) => insertPrepared(tx, [again]))).rejects.toMatchObject({ code: '23505' })
      await database.transaction((tx) => changeState(tx, prepared[0]!.identifier, 'prepared', 'rejected'))
      await database.transaction((tx) => insertPrepared(tx, [again]))
      // The rejected one's place in the succession is not the later one's to lose.
      expect(await changeState(database, prepared[0]!.identifier, 'prepared', 'rejected')).toBe(false)
      const late = row('late', 651, { replaces: 'id1' })
      await expect(database.transaction((tx) => insertPrepared(tx, [late]))).rejects.toMatchObject({ code: '23505' })
    })

    it('knows the division a department is of', async () => {
      const rows = await database.query('select distinct area_code as area from licence.licences')
      expect(rows).toEqual([{ area: '110000' }])
    })

    it('makes room for the entries to come, once, however many ask, and numbers on across the border', async () => {
      expect(await partitions(database, 'register_entries')).toEqual(['licence.register_entries_0'])
      expect(await makeRoom(database)).toBe(0)
      await database.query("select setval('licence.register_entry', 19999998)")
      const made = await Promise.all(Array.from({ length: 4 }, () => makeRoom(database)))
      expect(made.reduce((sum, one) => sum + one, 0)).toBe(1)
      await appendEntries(database, ['a', 'b', 'c'].map(entry))
      const where = await database.query(
        'select identifier, tableoid::regclass::text as part from licence.register_entries order by entry',
      )
      expect(where).toEqual([
        { identifier: 'a', part: 'licence.register_entries_0' },
        { identifier: 'b', part: 'licence.register_entries_1' },
        { identifier: 'c', part: 'licence.register_entries_1' },
      ])
      expect(await entriesOf(database, 'c')).toHaveLength(1)
    })

    it('lets nobody change an entry, also not by the name of a partition made later', async () => {
      for (const part of await partitions(database, 'register_entries'))
        for (const sql of [`update ${part} set state = 'revoked'`, `delete from ${part}`, `truncate ${part}`])
          await expect(database.query(sql), sql).rejects.toThrow(/only ever added/)
    })
  })

for (const engine of engines)
  describe(`a register of before partitions on ${engine.name}`, () => {
    const before = join(temporaryFolder(), 'migrations')
    it('is moved with its places, successions, holders, entries and running numbers', async () => {
      const all = packagePath('licence-service/store/migrations')
      mkdirSync(before, { recursive: true })
      for (const name of ['0001_licences', '0002_levels', '0003_joint_issue', '0004_sealed_digests'])
        cpSync(join(all, `${name}.sql`), join(before, `${name}.sql`))
      const database = await engine.open()
      await migrate(database, { schema: 'licence', folder: before })
      await database.script(`
        insert into licence.licences (identifier, type_code, department_code, serial, version, template_version, printed_number, seal_id,
            state, status_list, status_place, issued_on, valid_from, sealed_data, data_digest, prepared_at, caller, target_level, replaces)
          select 'old' || i, 'T', '${department}', 's' || i, 1, 1, 'n' || i, 'S', case i when 3 then 'rejected' else 'prepared' end, 0, i,
            '2026-01-01', '2026-01-01', '\\x00', 'd', now(), '{}', 'B-B', case when i > 1 then 'old1' end
          from generate_series(1, 3) i;
        insert into licence.holders select 'old' || i, 1, '\\x07', '\\x08' from generate_series(1, 3) i;
        insert into licence.register_entries (identifier, event, state, effective_at, recorded_at, recorded_by, department_code, data_digest)
          select 'old' || i, 'prepare', 'prepared', now(), now(), 'x', 'd', 'd' from generate_series(1, 3) i;`)
      await migrate(database, { schema: 'licence', folder: all })
      expect(await findLicence(database, 'old2')).toMatchObject({ sequence: 2n, statusPlace: 2, replaces: 'old1' })
      expect(
        await findByHash(database, { codeMac: Uint8Array.of(7), departmentCodes: [department], limit: 10 }),
      ).toHaveLength(3)
      expect(await database.query('select predecessor, successor from licence.successions')).toEqual([
        { predecessor: 'old1', successor: 'old2' },
      ])
      expect(await database.query('select place, identifier from licence.status_places order by 1')).toEqual(
        [1, 2, 3].map((place) => ({ place, identifier: `old${place}` })),
      )
      await database.transaction((tx) => insertPrepared(tx, [row('new', 9)]))
      expect((await findLicence(database, 'new'))!.sequence).toBe(4n)
      await appendEntries(database, [entry('new')])
      expect(await database.query('select max(entry) as entry from licence.register_entries')).toEqual([{ entry: 4n }])
      await database.close()
    })
  })
