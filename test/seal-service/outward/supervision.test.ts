import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../../platform/index.ts'
import {
  handleWarning,
  readSupervision,
  readWarnings,
  setSupervision,
} from '../../../seal-service/operations/outward/handle-warnings.ts'
import { type SuperviseDeps, supervise } from '../../../seal-service/operations/outward/supervise.ts'
import { watchRefusals } from '../../../seal-service/operations/outward/watch-refusals.ts'
import type { OutwardCaller } from '../../../seal-service/operations/outward/webhooks.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, market, type SealWorld, sealRequest } from '../world.ts'

const auditor: OutwardCaller = { id: 'auditor-1', departmentCode: market.code, roles: ['auditor'] }
const keeper: OutwardCaller = { id: 'keeper-1', departmentCode: market.code, roles: ['seal-keeper'] }
const stranger: OutwardCaller = { id: 'keeper-2', departmentCode: civil.code, roles: ['seal-keeper'] }
const day = 86_400_000

describe.each(engines)('the supervision of seals on $name', ({ open }) => {
  let database: Database
  let world: SealWorld
  let deps: SuperviseDeps
  const left = new Set<string>()

  beforeAll(async () => {
    database = await open()
    world = await createSealWorld(database)
    const below = new Map<string, string[]>([[market.code, [market.code, civil.code]]])
    deps = {
      database,
      clock: world.pki.clock,
      departments: {
        isWithin: async (above, code) => (below.get(above) ?? [above]).includes(code),
        codesWithin: async (code) => below.get(code) ?? [code],
      },
      people: {
        keepersOf: async () => ['keeper-8', 'keeper-9'].filter((id) => !left.has(id)).map((id) => ({ id, name: id })),
      },
    }
    await supervise(deps)
  })
  afterAll(() => world?.close())
  // Nobody links here, and the database's own clock goes on.
  beforeEach(() => database.query('delete from seal.ledger_pending'))

  const found = async (rule: string, caller = auditor) =>
    (await readWarnings(deps, caller, { most: 200 })).filter((warning) => warning.rule === rule)

  it('warns once of uses outside office hours, by seal, caller and day', async () => {
    // 2026-11-21 is a Saturday.
    await world.seals.sealDocuments(clerk, [sealRequest(world, 1), sealRequest(world, 2)])
    world.pki.clock.advance(1000)
    await supervise(deps)
    const [warning] = await found('use-outside-hours')
    expect(warning).toMatchObject({
      departmentCode: market.code,
      sealId: world.seal.id,
      state: 'open',
      facts: { callerId: clerk.id, times: 2 },
    })
    expect(await supervise(deps)).toMatchObject({ raised: 0 })
    await Promise.all([supervise(deps), supervise(deps)])
    expect(await found('use-outside-hours')).toHaveLength(1)
  })

  it('does not warn of uses in office hours, and heeds the days a department sets', async () => {
    world.pki.clock.advance(2 * day)
    await setSupervision(deps, auditor, market.code, { holidays: [] })
    await world.seals.sealDocuments(clerk, [sealRequest(world, 3)])
    world.pki.clock.advance(60_000)
    await supervise(deps)
    expect(await found('use-outside-hours')).toHaveLength(1)
    await setSupervision(deps, auditor, market.code, { holidays: ['2026-11-23'] })
    await world.seals.sealDocuments(clerk, [sealRequest(world, 4)])
    world.pki.clock.advance(60_000)
    await supervise(deps)
    expect(await found('use-outside-hours')).toHaveLength(2)
  })

  it('counts refusals of who may, and warns of a type that the seal may not stand on', async () => {
    const foreign = { ...clerk, departmentCode: civil.code, id: 'clerk-of-another' }
    for (let times = 0; times < 3; times++)
      await expect(world.seals.sealDocuments(foreign, [sealRequest(world, 10)])).rejects.toThrow()
    await supervise(deps)
    expect(await found('refused-right')).toMatchObject([
      { departmentCode: market.code, sealId: world.seal.id, facts: { callerId: foreign.id, times: 3 } },
    ])
    await database.query(`update seal.seals set type_codes = '{}' where id = $1`, [world.seal.id])
    await rejectsWithCode(world.seals.sealDocuments(clerk, [sealRequest(world, 11)]), 'SEAL_NOT_ALLOWED_ON_TYPE')
    await supervise(deps)
    expect(await found('unknown-template')).toMatchObject([{ facts: { callerId: clerk.id, times: 1 } }])
    await database.query('update seal.seals set type_codes = $2 where id = $1', [world.seal.id, [...market.typeCodes]])
  })

  it('keeps a refusal a refusal where its record cannot be written', async () => {
    const broken = { ...deps, database: { ...database, query: () => Promise.reject(new Error('no database')) } }
    const refused = watchRefusals(broken, clerk, [sealRequest(world, 12)], () =>
      world.seals.sealDocuments({ ...clerk, roles: [] }, [sealRequest(world, 12)]),
    )
    await rejectsWithCode(refused, 'SEAL_ROLE_MISSING')
  })

  it('warns when a keeper has left, and closes that by itself when somebody else keeps the seal', async () => {
    await database.query(`update seal.seals set keeper_id = 'keeper-9', keeper_name = '李九' where id = $1`, [
      world.seal.id,
    ])
    left.add('keeper-9')
    await supervise(deps)
    expect(await found('keeper-missing')).toMatchObject([{ sealId: world.seal.id, state: 'open' }])
    await database.query(`update seal.seals set keeper_id = 'keeper-8', keeper_name = '王八' where id = $1`, [
      world.seal.id,
    ])
    expect(await supervise(deps)).toMatchObject({ closed: 1 })
    expect(await found('keeper-missing')).toMatchObject([
      { state: 'closed', acts: [{ action: 'close', callerId: 'system:supervision' }] },
    ])
  })

  it('warns of a certificate that ends within the days set, once', async () => {
    const until = new Date(world.pki.clock.now().getTime() + 100 * day)
    await database.query('update seal.seals set valid_until = $2 where id = $1', [world.seal.id, until])
    await supervise(deps)
    expect(await found('certificate-ending')).toEqual([])
    await setSupervision(deps, auditor, market.code, { certificateDays: 120 })
    await supervise(deps)
    await supervise(deps)
    expect(await found('certificate-ending')).toMatchObject([{ facts: { validUntil: until.toISOString() } }])
  })

  it('warns of a filing that nobody takes, and of rows that are not linked into the ledger', async () => {
    await database.query(
      `insert into seal.filing_orders (seal_id, task, cause, ordered_at, next_attempt_at, last_fault)
       values ($1, 'renew', 'test', $2, $2, 'UPSTREAM_UNAVAILABLE')`,
      [world.seal.id, new Date(world.pki.clock.now().getTime() - 5 * 3_600_000)],
    )
    await database.query('delete from seal.ledger_pending')
    await database.query(
      `insert into seal.ledger_pending (table_name, entry_key, noted_at) values ('seal_events', '["1"]', clock_timestamp() - interval '20 s')`,
    )
    await supervise(deps)
    expect(await found('filing-overdue')).toMatchObject([{ facts: { fault: 'UPSTREAM_UNAVAILABLE' } }])
    expect(await found('ledger-unlinked')).toMatchObject([{ departmentCode: null, sealId: null, facts: { count: 1 } }])
    expect(await found('ledger-unlinked', keeper)).toEqual([])
    await database.query(
      `insert into seal.ledger_pending (table_name, entry_key, noted_at) values ('seal_events', '["2"]', clock_timestamp() - interval '20 s')`,
    )
    await database.query(`delete from seal.ledger_pending where entry_key = '["1"]'`)
    await supervise(deps)
    expect(await found('ledger-unlinked')).toHaveLength(1)
    await database.query('delete from seal.ledger_pending')
    await supervise(deps)
    expect(await found('ledger-unlinked')).toMatchObject([{ state: 'closed' }])
  })

  it('shows warnings in the range of who asks, and lets somebody else than whom it is about handle them', async () => {
    expect(await readWarnings(deps, stranger, { most: 200 })).toEqual([])
    const [own] = await found('use-outside-hours')
    const themselves = { ...keeper, id: clerk.id }
    const act = { action: 'acknowledge', reason: '加班，已核实' } as const
    await rejectsWithCode(handleWarning(deps, stranger, own!.id, act), 'WARNING_NOT_FOUND')
    await rejectsWithCode(handleWarning(deps, keeper, 999_999n, act), 'WARNING_NOT_FOUND')
    await rejectsWithCode(handleWarning(deps, themselves, own!.id, act), 'WARNING_OF_ONESELF')
    await handleWarning(deps, keeper, own!.id, act)
    await handleWarning(deps, keeper, own!.id, act)
    await handleWarning(deps, auditor, own!.id, { action: 'close', reason: '无异常' })
    await rejectsWithCode(handleWarning(deps, auditor, own!.id, act), 'WARNING_CLOSED')
    const again = (await found('use-outside-hours')).find(({ id }) => id === own!.id)
    expect(again).toMatchObject({
      state: 'closed',
      acts: [
        { action: 'acknowledge', callerId: keeper.id, reason: '加班，已核实' },
        { action: 'close', callerId: auditor.id },
      ],
    })
  })

  it('lets two who handle a warning at the same instant leave one state and each act', async () => {
    const open = (await readWarnings(deps, auditor, { most: 200, state: 'open' }))[0]!
    const close = { action: 'close', reason: 'both at once' } as const
    const outcomes = await Promise.allSettled([
      handleWarning(deps, auditor, open.id, close),
      handleWarning(deps, { ...auditor, id: 'auditor-2' }, open.id, close),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const [closed] = await readWarnings(deps, auditor, { most: 1, before: open.id + 1n })
    expect(closed!.acts).toHaveLength(1)
  })

  it('keeps settings within limits and in the range of who sets them', async () => {
    await rejectsWithCode(
      setSupervision(deps, auditor, market.code, { quotaPercent: 100, officeFrom: 0 }),
      'SUPERVISION_SETTING_REFUSED',
    )
    await rejectsWithCode(
      setSupervision(deps, auditor, market.code, { holidays: ['2026-02-30'] }),
      'SUPERVISION_SETTING_REFUSED',
    )
    await rejectsWithCode(setSupervision(deps, stranger, market.code, { refusals: 2 }), 'SEAL_NOT_YOURS')
    expect(await readSupervision(deps, auditor, civil.code)).toMatchObject({ certificateDays: 60 })
  })
})
