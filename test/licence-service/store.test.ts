import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeKeys } from '../../licence-service/store/idempotency.ts'
import {
  findLicence,
  insertPrepared,
  listPrepared,
  markInForce,
  type PreparedRow,
} from '../../licence-service/store/licences.ts'
import { listLicences } from '../../licence-service/store/listed-licences.ts'
import { takeNumbers } from '../../licence-service/store/numbers.ts'
import { appendEntries, entriesOf, recordAudit } from '../../licence-service/store/register.ts'
import { findList, LIST_SIZE, listedStates, takePlaces, takeRoom } from '../../licence-service/store/status-lists.ts'
import { type Database, migrate, packagePath } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'

const at = new Date('2026-11-21T08:00:00Z')
const row = (identifier: string, place: number, extra: Partial<PreparedRow> = {}): PreparedRow => ({
  identifier,
  typeCode: 'T',
  departmentCode: 'D',
  serial: identifier,
  version: 1,
  templateVersion: 1,
  printedNumber: `N-${identifier}`,
  sealId: 'S',
  coSeals: [{ sealId: 'S2', offsetMm: { x: -50, y: 0 } }],
  targetLevel: 'B-LT',
  statusList: 0,
  statusPlace: place,
  issuedOn: '2026-11-21',
  validFrom: '2026-11-21',
  validUntil: null,
  wrappedDataKey: Uint8Array.of(1, 2, 3),
  sealedData: Uint8Array.of(0, 255, 10),
  pictureBlobs: ['aa', 'bb'],
  dataDigest: 'd'.repeat(64),
  preparedAt: at,
  replaces: null,
  supersedesFrom: null,
  sealedReason: null,
  successorCause: null,
  sealedLegalBasis: null,
  orderId: null,
  caller: { id: 'x', kind: 'person', departmentCode: 'D', roles: ['issuer'] },
  holders: [{ codeMac: Uint8Array.of(7), nameMac: Uint8Array.of(8) }],
  fieldMacs: [],
  ...extra,
})

for (const engine of engines)
  describe(`the store of licences on ${engine.name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await engine.open()
      await migrate(database, { schema: 'licence', folder: packagePath('licence-service/store/migrations') })
    })
    afterAll(() => database.close())

    it('keeps a prepared licence as it was given', async () => {
      await database.transaction((tx) => insertPrepared(tx, [row('a', 1), row('b', 2, { validUntil: '2027-01-01' })]))
      const { sequence, ...found } = (await findLicence(database, 'b'))!
      const { holders, fieldMacs: _fieldMacs, ...expected } = row('b', 2, { validUntil: '2027-01-01' })
      expect(found).toEqual({
        ...expected,
        state: 'prepared',
        sealedStatement: null,
        documentBlob: null,
        unsignedDigest: null,
        sealedDigest: null,
        replacedBy: null,
        level: null,
        archiveUntil: null,
        archiveScheme: null,
        archivedAt: null,
        collectedFrom: null,
        statusReportedAt: null,
        orderId: null,
        sealedLegalBasis: null,
        successorCause: null,
      })
      expect(holders).toHaveLength(1)
      expect(await listPrepared(database, at, 0n, 10)).toHaveLength(2)
      expect(await listPrepared(database, new Date(at.getTime() - 1), 0n, 10)).toHaveLength(0)
    })

    it('brings a licence into force once', async () => {
      const issued = {
        identifier: 'a',
        sealedStatement: Uint8Array.of(1),
        documentBlob: 'cc',
        unsignedDigest: 'e'.repeat(64),
        sealedDigest: 'f'.repeat(64),
        level: 'B-T' as const,
        archiveUntil: null,
        archiveScheme: null,
      }
      expect(await markInForce(database, [issued])).toEqual(['a'])
      expect(await markInForce(database, [issued])).toEqual([])
      expect(await listedStates(database, 0)).toEqual([{ place: 2, state: 'prepared' }])
    })

    it('lists newest first, a page at a time, by state and day', async () => {
      const all = await listLicences(database, { departmentCode: 'D', limit: 10 })
      expect(all.map(({ identifier }) => identifier)).toEqual(['b', 'a'])
      const next = await listLicences(database, { departmentCode: 'D', limit: 10, before: all[0]!.sequence })
      expect(next.map(({ identifier }) => identifier)).toEqual(['a'])
      const within = {
        departmentCode: 'D',
        limit: 10,
        states: ['in force' as const],
        dates: { day: '2026-11-21', side: 'within' as const },
      }
      expect(await listLicences(database, within)).toHaveLength(1)
      expect(await listLicences(database, { ...within, dates: { day: '2026-11-20', side: 'within' } })).toHaveLength(0)
      expect(await listLicences(database, { departmentCode: 'other', limit: 10 })).toHaveLength(0)
    })

    it('adds to register and audit and lets nobody change them', async () => {
      const entry = {
        identifier: 'a',
        sealedReason: Uint8Array.of(9),
        departmentCode: 'D',
        dataDigest: 'd',
        sealedDigest: null,
        related: null,
      }
      const recorded = { effectiveAt: at, recordedAt: at, recordedBy: 'x' }
      await database.transaction(async (tx) => {
        await appendEntries(tx, [
          { ...entry, ...recorded, event: 'prepare', state: 'prepared' },
          { ...entry, ...recorded, event: 'enter into force', state: 'in force', sealedReason: null },
        ])
        await recordAudit(tx, { id: 'x', kind: 'person', departmentCode: 'D' }, at, [
          { action: 'prepare', identifier: 'a' },
        ])
      })
      const entries = await entriesOf(database, 'a')
      expect(entries.map(({ event }) => event)).toEqual(['prepare', 'enter into force'])
      expect(entries[0]!.sealedReason).toEqual(Uint8Array.of(9))
      for (const sql of [
        "update licence.register_entries set state = 'revoked'",
        'delete from licence.register_entries',
        'truncate licence.register_entries',
        "update licence.audit_records set actor = 'someone else'",
        'delete from licence.audit_records',
      ])
        await expect(database.query(sql), sql).rejects.toThrow(/only ever added/)
    })

    it('gives a key to one request only', async () => {
      const key = (identifier: string) => [{ key: 'k', requestMac: Uint8Array.of(1), identifier }]
      expect(await takeKeys(database, 'D', at, key('a'))).toEqual(['k'])
      expect(await takeKeys(database, 'D', at, key('b'))).toEqual([])
      expect(await takeKeys(database, 'another', at, key('b'))).toEqual(['k'])
    })

    it('counts numbers without a gap or a repeat, however many ask at once', async () => {
      const counter = { typeCode: 'T', departmentCode: 'D', period: '2026' }
      const taken = await Promise.all(Array.from({ length: 10 }, () => takeNumbers(database, counter, 3)))
      expect(taken.map(({ first }) => first).sort((a, b) => a - b)).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28])
      expect(new Set(taken.map(({ count }) => count))).toEqual(new Set([3]))
    })

    it('gives out the last numbers of a counter, and then none', async () => {
      const counter = { typeCode: 'T', departmentCode: 'D', period: 'full' }
      expect(await takeNumbers(database, counter, 7, 9)).toEqual({ first: 1, count: 7 })
      expect(await takeNumbers(database, counter, 7, 9)).toEqual({ first: 8, count: 2 })
      expect(await takeNumbers(database, counter, 7, 9)).toEqual({ first: 10, count: 0 })
      // A rule that was given fewer digits meanwhile takes nothing back.
      expect(await takeNumbers(database, counter, 1, 5)).toEqual({ first: 10, count: 0 })
    })

    it('counts on behind the counters of every period that overlaps its own, and behind no others', async () => {
      const take = (typeCode: string, period: string, count: number) =>
        takeNumbers(database, { typeCode, departmentCode: 'D', period }, count)
      await take('Y', '2025', 90)
      await take('Y', '2026', 20)
      expect((await take('Y', 'ever', 1)).first).toBe(91)
      await take('N', '2026-03-01', 40)
      expect((await take('N', '2026', 1)).first).toBe(41)
      expect((await take('N', '2025', 70)).first).toBe(1)
      expect((await take('N', '2026-05-01', 1)).first).toBe(42)
      expect((await take('N', '2027-05-01', 1)).first).toBe(1)
      expect((await takeNumbers(database, { typeCode: 'N', departmentCode: 'E', period: 'ever' }, 1)).first).toBe(1)
    })

    it('counts on behind the others too where the counter was there before they went on', async () => {
      const take = (period: string, count: number) =>
        takeNumbers(database, { typeCode: 'B', departmentCode: 'D', period }, count, 99)
      await take('ever', 5)
      expect(await take('2025', 10)).toEqual({ first: 6, count: 10 })
      expect(await take('ever', 10)).toEqual({ first: 16, count: 10 })
      expect(await take('2025', 1)).toEqual({ first: 26, count: 1 })
      await take('ever', 70)
      // Behind what others took there may be less room than was asked for.
      expect(await take('2025', 9)).toEqual({ first: 97, count: 3 })
      expect(await take('2025', 9)).toEqual({ first: 100, count: 0 })
    })

    it('gives each owner a free status place of its own, and draws again where all drawn are taken', async () => {
      const take = (names: string[], ...draws: number[][]) =>
        database.transaction((tx) =>
          takePlaces(
            tx,
            0,
            names.map((identifier) => ({ identifier })),
            () => draws.shift()!,
          ),
        )
      expect(await take(['p1', 'p2'], [1, 2])).toEqual([1, 2])
      expect(await take(['p3', 'p4'], [1, 2, 5, 5, 6, 7])).toEqual([5, 6])
      expect(await take(['p5', 'p6'], [1, 7, 6], [5, 2], [8])).toEqual([7, 8])
      const rows = await database.query('select place, identifier from licence.status_places order by place')
      expect(rows).toEqual([1, 2, 5, 6, 7, 8].map((place, index) => ({ place, identifier: `p${index + 1}` })))
      const marks = await database.query('select place from licence.status_changes order by change')
      expect(marks.map(({ place }) => place)).toEqual([1, 2, 5, 6, 7, 8])
    })

    it('never gives two owners one place, however many draw the same ones at once', async () => {
      const drawn = Array.from({ length: 40 }, (_, index) => 100 + index)
      const given = await Promise.all(
        Array.from({ length: 8 }, (_, taker) =>
          database.transaction((tx) =>
            takePlaces(
              tx,
              0,
              Array.from({ length: 5 }, (_, index) => ({ identifier: `same${taker}.${index}` })),
              () => drawn,
            ),
          ),
        ),
      )
      expect(given.flat().sort((a, b) => a - b)).toEqual(drawn)
    })

    it('opens a new list when one is three quarters full, once, and never goes back to an older one', async () => {
      const fill = (list: number, allotted: number) =>
        database.query('update licence.list_room set allotted = $1 where list = $2', [allotted, list])
      expect(await takeRoom(database, 2)).toBe(0)
      await fill(0, LIST_SIZE * 0.75 - 1)
      expect(await Promise.all(Array.from({ length: 4 }, () => takeRoom(database, 2)))).toEqual([1, 1, 1, 1])
      await fill(1, LIST_SIZE * 0.75)
      expect(await takeRoom(database, 1)).toBe(2)
      expect(await takeRoom(database, 1, 'copies')).toBe(3)
      expect((await findList(database, 1))!.revision > (await findList(database, 1))!.publishedRevision).toBe(true)
    })
  })
