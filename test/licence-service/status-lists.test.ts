import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getStatus, statusWord } from '../../licence-format/index.ts'
import type { LicenceState } from '../../licence-service/domain/licence.ts'
import { publishStatusLists } from '../../licence-service/operations/publish-status-lists.ts'
import { findList, LIST_SIZE, lockList, markPlaces, takeMarks } from '../../licence-service/store/status-lists.ts'
import { type Database, isSqlError, migrate, packagePath, type Transaction } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'

const states: readonly LicenceState[] = ['prepared', 'in force', 'suspended', 'revoked', 'cancelled', 'superseded']
const copyStates = ['prepared', 'in force', 'revoked', 'ended'] as const
const ALL = 80
/** Those that the property changes; the others are for one test each. */
const PLAYED = 60
/** Places of the licences, and of a copy of each in a list of copies. */
const placeOf = (n: number) => n * 7919
let now = new Date('2026-11-21T08:00:00Z')

/** The service's dependencies as far as lists need them; tokens are their payload, so that a test reads what was signed. */
const depsFor = (database: Database, sign?: () => Promise<void>) => {
  const deps = {
    database,
    baseUrl: 'https://zhengyin.test',
    clock: { now: () => now },
    signed: 0,
    listSigner: {
      async signStatusList(payload: object) {
        deps.signed++
        await sign?.()
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
        return `${part({ alg: 'ES256', typ: 'statuslist+jwt', kid: 'test' })}.${part(payload)}.${'A'.repeat(86)}`
      },
    },
  }
  return deps
}

async function seed(database: Database): Promise<void> {
  await migrate(database, { schema: 'licence', folder: packagePath('licence-service/store/migrations') })
  await database.script(`
    insert into licence.status_lists (list_id, kind) values (1, 'copies');
    insert into licence.licences (identifier, type_code, department_code, serial, version, template_version, printed_number, seal_id, state,
        status_list, status_place, issued_on, valid_from, sealed_data, data_digest, prepared_at, caller, target_level, document_blob, level, sealed_digest)
      select 'l' || n, 'T', 'D', 's' || n, 1, 1, 'n', 'S', 'in force', 0, n * 7919, '2026-01-01', '2026-01-01', '\\x00', 'd', now(), '{}', 'B-B', 'b', 'B-B', 'x'
      from generate_series(0, ${ALL - 1}) n;
    insert into licence.copies (copy_id, identifier, type_code, template_version, department_code, seal_id, state, status_list, status_place, maker,
        maker_department, key, request_mac, made_at, expires_at, sealed_data, data_digest, document_blob, sealed_digest)
      select decode(lpad(to_hex(n), 32, '0'), 'hex'), 'l' || n, 'T', 1, 'D', 'S', 'in force', 1, n * 7919, 'x', 'D', 'k' || n, '\\x00', now(),
        now() + interval '1 day', '\\x00', 'd', 'b', 'x' from generate_series(0, ${ALL - 1}) n;
    insert into licence.status_places (list, place, identifier) select 0, n * 7919, 'l' || n from generate_series(0, ${ALL - 1}) n;
    insert into licence.status_places (list, place, identifier, copy_id)
      select 1, n * 7919, 'l' || n, decode(lpad(to_hex(n), 32, '0'), 'hex') from generate_series(0, ${ALL - 1}) n;`)
}

const refusedIsNothing = async (database: Database, work: (tx: Transaction) => Promise<void>) => {
  try {
    await database.transaction(work)
  } catch (error) {
    if (!isSqlError(error, '23000')) throw error
  }
}

/** A change of state as the service makes it: row and mark in one transaction. One that no licence may take (23000) changes nothing. */
const change = (database: Database, n: number, state: LicenceState) =>
  refusedIsNothing(database, async (tx) => {
    await tx.query('update licence.licences set state = $2 where identifier = $1', [`l${n}`, state])
    await markPlaces(tx, [
      { list: 0, place: placeOf(n) },
      { list: 1, place: placeOf(n) },
    ])
  })
const changeCopy = (database: Database, n: number, state: (typeof copyStates)[number]) =>
  refusedIsNothing(database, async (tx) => {
    await tx.query(
      `update licence.copies set state = $2, ended_at = case when $2 in ('revoked', 'ended') then now() end where identifier = $1`,
      [`l${n}`, state],
    )
    await markPlaces(tx, [{ list: 1, place: placeOf(n) }])
  })

const bitsOf = async (database: Database, list: number) =>
  Buffer.from((await database.transaction((tx) => lockList(tx, list)))!.bits!).toString('base64')
/** The list as it was signed. */
const read = async (database: Database, list: number) => {
  const [, payload] = (await findList(database, list))!.token!.split('.')
  const { status_list } = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as { status_list: { lst: string } }
  return { bits: 4, bytes: new Uint8Array(inflateSync(Buffer.from(status_list.lst, 'base64url'))) } as const
}

for (const engine of engines)
  describe(`status lists on ${engine.name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await engine.open()
      await seed(database)
    })
    afterAll(() => database.close())

    it('are the same made from changes as made from the tables, whatever changed in whichever order', async () => {
      const step = fc.oneof(
        fc.record({ n: fc.nat(PLAYED - 1), state: fc.constantFrom(...states), copy: fc.constant(false as const) }),
        fc.record({ n: fc.nat(PLAYED - 1), state: fc.constantFrom(...copyStates), copy: fc.constant(true as const) }),
        fc.constant('publish' as const),
      )
      const deps = depsFor(database)
      await publishStatusLists(deps)
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          for (const one of steps) {
            if (one === 'publish') await publishStatusLists(deps)
            else if (one.copy) await changeCopy(database, one.n, one.state)
            else await change(database, one.n, one.state)
          }
          await publishStatusLists(deps)
          const grown = [await bitsOf(database, 0), await bitsOf(database, 1)]
          await database.query('update licence.status_lists set bits = null')
          await publishStatusLists(deps)
          expect([await bitsOf(database, 0), await bitsOf(database, 1)]).toEqual(grown)
        }),
        { numRuns: 8 },
      )
    })

    it('say of a licence and of its copy what is so', async () => {
      const deps = depsFor(database)
      const both = async () => {
        await publishStatusLists(deps)
        return [getStatus(await read(database, 0), placeOf(63)), getStatus(await read(database, 1), placeOf(63))]
      }
      await change(database, 63, 'in force')
      await changeCopy(database, 63, 'in force')
      expect(await both()).toEqual([0, 0])
      await change(database, 63, 'suspended')
      expect(await both()).toEqual([2, 2])
      await change(database, 63, 'in force')
      await changeCopy(database, 63, 'revoked')
      expect(await both()).toEqual([0, 1])
      await changeCopy(database, 63, 'ended')
      await change(database, 63, 'revoked')
      expect(await both()).toEqual([1, statusWord('cancelled').listValue])
    })

    it('are signed again for a change, for nothing else, and before they grow old', async () => {
      const deps = depsFor(database)
      await publishStatusLists(deps)
      const before = deps.signed
      await publishStatusLists(deps)
      expect(deps.signed).toBe(before)
      await change(database, 65, 'revoked')
      await publishStatusLists(deps)
      expect(deps.signed).toBe(before + 2)
      now = new Date(now.getTime() + 7 * 3_600_000)
      await publishStatusLists(deps)
      expect(deps.signed).toBe(before + 4)
    })

    it('lose no change that comes while one is being signed, nor one that a crash cut off after the marks were read', async () => {
      const meanwhile = depsFor(database, async () => {
        await change(database, 67, 'suspended')
        throw new Error('the signer is away')
      })
      await change(database, 66, 'revoked')
      await expect(publishStatusLists(meanwhile)).rejects.toThrow('the signer is away')
      await publishStatusLists(depsFor(database))
      const list = await read(database, 0)
      expect([getStatus(list, placeOf(66)), getStatus(list, placeOf(67))]).toEqual([1, 2])
    })

    it('keep the mark of a change that is not committed when they are made', async () => {
      await publishStatusLists(depsFor(database))
      await expect(
        database.transaction(async (tx) => {
          await takeMarks(tx, 0, null)
          await markPlaces(tx, [{ list: 0, place: 1 }])
          throw new Error('undone')
        }),
      ).rejects.toThrow('undone')
      await change(database, 68, 'cancelled')
      await publishStatusLists(depsFor(database))
      expect(getStatus(await read(database, 0), placeOf(68))).toBe(statusWord('cancelled').listValue)
      expect(await database.query('select change from licence.status_changes')).toEqual([])
    })

    it('are made once where several processes publish at the same time', async () => {
      await change(database, 69, 'suspended')
      const several = Array.from({ length: 4 }, () => depsFor(database))
      await Promise.all(several.map((deps) => publishStatusLists(deps)))
      expect(getStatus(await read(database, 0), placeOf(69))).toBe(2)
      const row = (await findList(database, 0))!
      expect(row.publishedRevision).toBe(row.revision)
    })

    it('take a place at their very end', async () => {
      await database.query('update licence.status_places set place = $1 where list = 0 and identifier = $2', [
        LIST_SIZE - 1,
        'l71',
      ])
      await database.query('update licence.licences set status_place = $1, state = $3 where identifier = $2', [
        LIST_SIZE - 1,
        'l71',
        'revoked',
      ])
      await markPlaces(database, [{ list: 0, place: LIST_SIZE - 1 }])
      await publishStatusLists(depsFor(database))
      expect(getStatus(await read(database, 0), LIST_SIZE - 1)).toBe(1)
    })
  })
