// The crash table of docs/issuance-cycle.md: every step is broken twice, once before its effect and once after it.
import { AsyncLocalStorage } from 'node:async_hooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getStatus, parseStatusList } from '../../licence-format/index.ts'
import type { IssueOutcome } from '../../licence-service/index.ts'
import { type BlobEntry, type Database, PlatformError } from '../../platform/index.ts'
import { listTemplates } from '../../templates/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, exampleOf, type House, openHouse, type Wraps } from '../support/service.ts'

type Kind = 'failed, not persisted' | 'failed, persisted'

/** What the test asks for, and not what the house does by its own clocks meanwhile. */
const asked = new AsyncLocalStorage<boolean>()

/** Breaks one call, once: the `countdown`-th after it was set of those that the test brought about. */
class Fuse {
  private countdown = 0
  private kind: Kind = 'failed, not persisted'
  hasBlown = false

  set(kind: Kind, countdown: number): void {
    this.kind = kind
    this.countdown = countdown
    this.hasBlown = false
    asked.enterWith(true)
  }

  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (!asked.getStore() || this.countdown === 0 || --this.countdown > 0) return work()
    this.hasBlown = true
    if (this.kind === 'failed, persisted') await work()
    throw new PlatformError('DATABASE_OUTCOME_UNKNOWN', 'broken by the test')
  }
}

const withTransactions = (database: Database, fuse: Fuse, numbers: Fuse): Database => ({
  engine: database.engine,
  query: (sql, params) =>
    sql.includes('number_counters') ? numbers.guard(() => database.query(sql, params)) : database.query(sql, params),
  script: (sql) => database.script(sql),
  transaction: (work, options) => fuse.guard(() => database.transaction(work, options)),
  close: () => database.close(),
})

interface Row {
  readonly after: string
  readonly fuse: 'numbers' | 'transaction' | 'statement' | 'seal' | 'sealTransaction' | 'blob' | 'crls'
  readonly countdown: number
  /** Whether anything is on record once it broke before its effect, and after it. */
  readonly onRecord: readonly [boolean, boolean]
}

const rows: readonly Row[] = [
  { after: '3, the numbers are taken', fuse: 'numbers', countdown: 1, onRecord: [false, false] },
  { after: 'TX-A', fuse: 'transaction', countdown: 1, onRecord: [false, true] },
  { after: 'signStatement, answer lost', fuse: 'statement', countdown: 1, onRecord: [true, true] },
  { after: '5b, the use is intended', fuse: 'sealTransaction', countdown: 2, onRecord: [true, true] },
  { after: '5g, answer lost', fuse: 'seal', countdown: 1, onRecord: [true, true] },
  { after: '6, evidence cannot be had', fuse: 'crls', countdown: 1, onRecord: [true, true] },
  { after: '7, blob', fuse: 'blob', countdown: 1, onRecord: [true, true] },
  { after: 'TX-B, answer lost', fuse: 'transaction', countdown: 2, onRecord: [true, true] },
]

for (const engine of engines)
  describe(`a licence broken off on ${engine.name}`, () => {
    const fuses = {
      numbers: new Fuse(),
      transaction: new Fuse(),
      statement: new Fuse(),
      seal: new Fuse(),
      sealTransaction: new Fuse(),
      blob: new Fuse(),
      crls: new Fuse(),
    }
    let tamper = false
    let hasCrls = true
    const wraps: Wraps = {
      database: (database) => withTransactions(database, fuses.transaction, fuses.numbers),
      sealDatabase: (database) => withTransactions(database, fuses.sealTransaction, fuses.numbers),
      blobs: (blobs) => ({ ...blobs, putMany: (many) => fuses.blob.guard(() => blobs.putMany(many)) }),
      trust: (trust) => ({ ...trust, crls: () => fuses.crls.guard(async () => (hasCrls ? trust.crls() : [])) }),
      sealer: (sealer) => ({
        ...sealer,
        signStatements: (caller, requests) => fuses.statement.guard(() => sealer.signStatements(caller, requests)),
        sealDocuments: async (caller, requests) => {
          const sealed = await fuses.seal.guard(() => sealer.sealDocuments(caller, requests))
          return tamper ? sealed.map((one) => ({ ...one, pdf: moveTimeOfSigning(one.pdf) })) : sealed
        },
      }),
    }
    let house: House
    let count = 0
    beforeAll(async () => {
      house = await openHouse(await engine.open(), wraps)
    })
    afterAll(() => house.close())

    const newKey = () => `fault ${++count}`
    const issue = async (key: string, by: House = house): Promise<IssueOutcome> =>
      (await by.licences.issueLicences(clerk, [{ key, typeCode: businessLicence, data: exampleOf() }]))[0]!
    const identifierOf = async (key: string) =>
      (
        await house.database.query<{ identifier: string }>(
          'select identifier from licence.idempotency_keys where key = $1',
          [key],
        )
      )[0]?.identifier

    /** One licence of the key, in force, whole: register, blobs, seal uses and status list agree. */
    async function expectWhole(key: string): Promise<void> {
      const identifier = (await identifierOf(key))!
      const entries = await house.database.query<{ event: string }>(
        'select event from licence.register_entries where identifier = $1 order by entry',
        [identifier],
      )
      expect(entries.map(({ event }) => event)).toEqual(['prepare', 'enter into force'])
      const [row] = await house.database.query<{
        state: string
        blob: string
        number: string
        list: number
        place: number
      }>(
        'select state, document_blob as blob, printed_number as number, status_list as list, status_place as place from licence.licences where identifier = $1',
        [identifier],
      )
      expect(row!.state).toBe('in force')
      expect(await house.blobs.has(row!.blob)).toBe(true)
      const sameNumber = await house.database.query(
        'select distinct serial from licence.licences where printed_number = $1',
        [row!.number],
      )
      expect(sameNumber).toHaveLength(1)
      expect((await house.licences.readDocument(clerk, identifier)).length).toBeGreaterThan(10_000)
      await house.licences.publishLists()
      expect(await placeOf(row!)).toBe(0)
    }

    const placeOf = async ({ list, place }: { list: number; place: number }) =>
      getStatus((await parseStatusList(await house.licences.statusList(list))).list, place)

    for (const { after, fuse, countdown, onRecord } of rows)
      for (const [index, kind] of (['failed, not persisted', 'failed, persisted'] as const).entries()) {
        const breakOff = async (key: string): Promise<void> => {
          fuses[fuse].set(kind, countdown)
          expect(await issue(key)).toMatchObject({ ok: false, error: { code: 'DATABASE_OUTCOME_UNKNOWN' } })
          expect(fuses[fuse].hasBlown).toBe(true)
          expect((await identifierOf(key)) !== undefined).toBe(onRecord[index])
        }

        it(`after ${after} (${kind}) is completed by the same key, once`, async () => {
          const key = newKey()
          await breakOff(key)
          const outcome = await issue(key)
          expect(outcome.ok).toBe(true)
          expect(await issue(key)).toEqual(outcome)
          await expectWhole(key)
        })

        if (onRecord[index])
          it(`after ${after} (${kind}) is completed by the next start`, async () => {
            const key = newKey()
            await breakOff(key)
            const next = await house.reopen()
            await expectWhole(key)
            expect(await issue(key, next)).toEqual(await issue(key))
            await next.close()
          })
      }

    it('keeps its pictures for the next start', async () => {
      const withPicture = listTemplates().find(({ fields }) =>
        fields.some(({ type, required }) => type === 'picture' && required),
      )!
      const key = newKey()
      fuses.statement.set('failed, not persisted', 1)
      const { typeCode } = withPicture
      await house.licences.issueLicences(clerk, [{ key, typeCode, data: exampleOf(typeCode) }])
      expect(fuses.statement.hasBlown).toBe(true)
      const next = await house.reopen()
      await expectWhole(key)
      await next.close()
    })

    it('is pending to its department and unknown to the public until it is completed', async () => {
      const key = newKey()
      fuses.seal.set('failed, not persisted', 1)
      await issue(key)
      const identifier = (await identifierOf(key))!
      expect((await house.licences.readStatus(identifier)).status).toBe('unknown')
      await house.licences.publishLists()
      const [row] = await house.database.query<{ list: number; place: number }>(
        'select status_list as list, status_place as place from licence.licences where identifier = $1',
        [identifier],
      )
      expect(await placeOf(row!)).toBe(0xc)
      await issue(key)
      await expectWhole(key)
    })

    it('loses none and doubles none of a group, wherever it is broken off', async () => {
      for (const { fuse, countdown } of rows)
        for (const kind of ['failed, not persisted', 'failed, persisted'] as const) {
          const keys = [newKey(), newKey(), newKey()]
          const requests = keys.map((key) => ({ key, typeCode: businessLicence, data: exampleOf() }))
          fuses[fuse].set(kind, countdown)
          await house.licences.issueLicences(clerk, requests)
          const outcomes = await house.licences.issueLicences(clerk, requests)
          expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true])
          for (const key of keys) await expectWhole(key)
        }
    })

    it('never leaves two versions in force, or none, when a replacement is broken off', async () => {
      // It keeps the number of the licence it replaces.
      for (const { fuse, countdown } of rows.filter((row) => row.fuse !== 'numbers'))
        for (const kind of ['failed, not persisted', 'failed, persisted'] as const) {
          const old = (await issue(newKey())) as { licence: { identifier: string } }
          const replaces = { identifier: old.licence.identifier, reason: '换发' }
          const request = { key: newKey(), typeCode: businessLicence, data: exampleOf(), replaces }
          fuses[fuse].set(kind, countdown)
          await house.licences.replace(clerk, request)
          const between = await house.licences.readStatus(old.licence.identifier)
          expect(between.status === 'in force' || between.replacedBy !== null).toBe(true)
          const outcome = await house.licences.replace(clerk, request)
          expect(outcome.ok).toBe(true)
          expect(await house.licences.readStatus(old.licence.identifier)).toMatchObject({
            status: 'superseded',
            replacedBy: (outcome as { licence: { identifier: string } }).licence.identifier,
          })
          await expectWhole(request.key)
        }
    })

    it('is rejected with an alarm when its sealed document does not verify, and never published', async () => {
      const key = newKey()
      tamper = true
      const outcome = await issue(key)
      tamper = false
      expect(outcome).toMatchObject({ ok: false, ended: true, error: { code: 'LICENCE_REJECTED' } })
      expect(house.logLines.some((line) => line.includes('licence-rejected'))).toBe(true)
      const identifier = (await identifierOf(key))!
      expect((await house.licences.readStatus(identifier)).status).toBe('unknown')
      await expect(house.licences.readDocument(clerk, identifier)).rejects.toMatchObject({ code: 'LICENCE_NOT_ISSUED' })
      await house.licences.publishLists()
      const [row] = await house.database.query<{ list: number; place: number }>(
        'select status_list as list, status_place as place from licence.licences where identifier = $1',
        [identifier],
      )
      expect(await placeOf(row!)).toBe(1)
      expect(await issue(key)).toMatchObject({ ok: false, error: { code: 'LICENCE_REJECTED' } })
    })

    it('waits for evidence that is missing, and is completed once it is there', async () => {
      const key = newKey()
      hasCrls = false
      expect(await issue(key)).toMatchObject({ ok: false, error: { code: 'LICENCE_ISSUANCE_INTERRUPTED' } })
      hasCrls = true
      expect((await issue(key)).ok).toBe(true)
      await expectWhole(key)
    })

    it('is rejected at a refusal of the seal service, with the refusal as the answer of its key', async () => {
      const [seal] = await house.seals.seals(clerk.departmentCode)
      const change = (action: 'suspend' | 'restore') =>
        house.seals.changeSealState({ sealId: seal!.id, action, reason: 'test', callerId: 'test' })
      await change('suspend')
      const key = newKey()
      expect(await issue(key)).toMatchObject({ ok: false, ended: true, error: { code: 'SEAL_SUSPENDED' } })
      await change('restore')
      expect(await issue(key)).toMatchObject({ ok: false, error: { code: 'SEAL_SUSPENDED' } })
      expect((await issue(newKey())).ok).toBe(true)
    })

    it('leaves blobs behind that the sweep removes after a day, and no other', async () => {
      const key = newKey()
      fuses.blob.set('failed, persisted', 1)
      await issue(key)
      await issue(key)
      const all: BlobEntry[] = []
      for await (const blob of house.blobs.list()) all.push(blob)
      const wanted = await house.database.query<{ digest: string }>(
        'select document_blob as digest from licence.licences where document_blob is not null union select unnest(picture_blobs) from licence.licences',
      )
      expect(all.length).toBeGreaterThan(wanted.length)
      house.clock.set(
        new Date(Math.max(...all.map(({ storedAt }) => storedAt.getTime())) + 25 * 3_600_000).toISOString(),
      )
      expect(await house.licences.sweepDocuments()).toBe(all.length - wanted.length)
      for (const { digest } of wanted) expect(await house.blobs.has(digest)).toBe(true)
    })
  })

/** The same document, with another time of signing under the same signature. */
function moveTimeOfSigning(pdf: Uint8Array): Uint8Array {
  const copy = Buffer.from(pdf)
  copy.write('2031', copy.lastIndexOf('(D:2026') + 3)
  return copy
}
