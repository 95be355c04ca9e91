// Repeats of what makes something: the first answer, whatever the rules say by then, and no more than may be however many ask at once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../support/engines.ts'
import { departments, madeUpType, openWorld, type World } from './world.ts'

const [issuer, , consumer, stranger] = departments
const HOUR = 3_600_000

describe.each(engines)('repeats, on $name', ({ open }) => {
  let world: World
  const type = madeUpType(2, 'conditional', ['name'], ['name'])
  beforeAll(async () => {
    world = await openWorld(await open())
    world.held.types.push(type)
    world.held.issuers.push(issuer)
  })
  afterAll(() => world?.close())

  const admin = (department: string) => ({ department, role: 'licence-reviewer' })
  const path = '/api/sharing/subscriptions'
  const subscribe = (once: string, department = consumer, topics = ['licence.revoked']) =>
    world.call(path, admin(department), { once, body: { address: 'https://example.test/x', topics } })
  const listOf = async (department: string) => (await world.call(path, admin(department))).json.items

  it('of the twentieth subscription and of one that ended give what was made, and nothing new', async () => {
    for (let count = 0; count < 19; count++) expect((await subscribe(`s${count}`)).status).toBe(201)
    const twentieth = await subscribe('s19')
    expect((await subscribe('s20')).json.code).toBe('SUBSCRIPTION_TOO_MANY')
    const again = await subscribe('s19')
    expect([again.status, again.json]).toEqual([201, twentieth.json])
    const other = await subscribe('s19', consumer, ['licence.issued'])
    expect(other.json.code).toBe('IDEMPOTENCY_KEY_REUSED')
    expect((await world.call(`${path}/${twentieth.json.id}`, admin(consumer), { method: 'DELETE' })).status).toBe(204)
    const late = await subscribe('s19')
    expect([late.status, late.json.id]).toEqual([201, twentieth.json.id])
    expect(await listOf(consumer)).toHaveLength(19)
  })

  it('and many subscriptions at once leave no more than may be', async () => {
    const made = await Promise.all(Array.from({ length: 40 }, (_, count) => subscribe(`at-once-${count}`, stranger)))
    expect(made.filter(({ status }) => status === 201)).toHaveLength(20)
    expect(await listOf(stranger)).toHaveLength(20)
  })

  it('of a proposal give it after its time, and its key with another body is refused', async () => {
    const validFrom = world.clock.now()
    const body = {
      ...{ consumerCode: consumer, typeCode: type.typeCode, matterCodes: ['M1'], fields: ['name'], legalBasis: '法' },
      ...{ validFrom, validUntil: new Date(validFrom.getTime() + HOUR), dailyUses: 1, dailyHolders: 1 },
    }
    const propose = (more: object = {}) =>
      world.call('/api/sharing/agreements', admin(issuer), { once: 'proposal', body: { ...body, ...more } })
    const first = await propose()
    expect(first.status).toBe(201)
    world.clock.advance(2 * HOUR)
    const late = await propose()
    expect([late.status, late.json.id]).toEqual([201, first.json.id])
    expect((await propose({ dailyUses: 2 })).json.code).toBe('IDEMPOTENCY_KEY_REUSED')
  })
})
