import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOutwardKey, type OutwardKey } from '../../../key-store/index.ts'
import type { Database } from '../../../platform/index.ts'
import { createEventSender, systemIds } from '../../../platform/index.ts'
import { eventTopics } from '../../../seal-service/domain/webhook.ts'
import { type RelayDeps, relayEvents } from '../../../seal-service/operations/outward/relay-events.ts'
import {
  listGivenUp,
  listSubscriptions,
  type OutwardCaller,
  replay,
  subscribe,
  unsubscribe,
  type WebhookDeps,
} from '../../../seal-service/operations/outward/webhooks.ts'
import { departmentsApart } from '../../../seal-service/ports/departments.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, market, type SealWorld, sealRequest } from '../world.ts'
import { type Receiver, startReceiver, verifyMessage } from './receiver.ts'

const later = (ms: number) => new Promise<string>((done) => setTimeout(done, ms, 'NO_ANSWER'))
const keeper: OutwardCaller = { id: 'keeper-1', departmentCode: market.code, roles: ['seal-keeper'] }
const auditor: OutwardCaller = { id: 'auditor-1', departmentCode: market.code, roles: ['auditor'] }
const stranger: OutwardCaller = { id: 'keeper-2', departmentCode: civil.code, roles: ['seal-keeper'] }

describe.each(engines)('events of seals told to others, on $name', ({ open }) => {
  let database: Database
  let world: SealWorld
  let key: OutwardKey
  let receiver: Receiver
  let deps: RelayDeps & WebhookDeps
  let sealIds: string[]

  beforeAll(async () => {
    database = await open()
    world = await createSealWorld(database)
    key = createOutwardKey({ keyStore: world.keyStore, clock: world.pki.clock })
    const both = new Map<string, string[]>([[market.code, [market.code, civil.code]]])
    deps = {
      database,
      clock: world.pki.clock,
      ids: systemIds,
      outwardKey: key,
      sendEvent: createEventSender('loopback'),
      departments: {
        ...departmentsApart,
        codesWithin: async (code) => both.get(code) ?? [code],
      },
      mayPlain: true,
    }
    const others = await world.seals.seals(civil.code)
    sealIds = [world.seal.id, others[0]!.id]
  })
  afterAll(() => world?.close())
  beforeEach(async () => {
    receiver = await startReceiver(() => key.jwks())
  })
  afterEach(async () => {
    for (const caller of [keeper, auditor, stranger])
      for (const { id, departmentCode } of await listSubscriptions(deps, caller))
        if (departmentCode === caller.departmentCode) await unsubscribe(deps, auditorOf(caller), id)
    await receiver.close()
  })
  const auditorOf = (caller: OutwardCaller) => ({ ...caller, roles: ['auditor'] })

  let counter = 0
  /** An event of a seal; its reason tells it from others. */
  const happen = (sealId: string, action = 'remind') =>
    database.query(
      `insert into seal.seal_events (seal_id, action, state, reason, caller_id, at) values ($1, $2, 'active', $3, 'tester', $4)`,
      [sealId, action, `reason ${++counter}`, world.pki.clock.now()],
    )
  const wish = (changed: object = {}) => ({
    address: receiver.address,
    topics: ['seal.remind'],
    covers: 'own' as const,
    ...changed,
  })
  const reasons = () => receiver.taken.map(({ body }) => JSON.parse(body).data.reason as string)

  it('sends what happens after the subscription, signed, with the seal, its state and a position', async () => {
    await happen(sealIds[0]!)
    const { id } = await subscribe(deps, keeper, wish())
    await happen(sealIds[0]!)
    await happen(sealIds[0]!, 'draw')
    expect(await relayEvents(deps)).toMatchObject({ delivered: 1, failed: 0, dead: 0 })
    expect(receiver.taken).toHaveLength(1)
    const told = JSON.parse(receiver.taken[0]!.body)
    expect(told).toMatchObject({
      webhookId: id,
      topic: 'seal.remind',
      departmentCode: market.code,
      data: { sealId: sealIds[0], sealName: market.name, state: 'active', action: 'remind', by: 'tester' },
    })
    expect(told.id).toBe(`${id}.${told.position}`)
  })

  it('signs so that a changed body, id, time or other key is noticed', async () => {
    await subscribe(deps, keeper, wish())
    await happen(sealIds[0]!)
    await relayEvents(deps)
    const message = receiver.taken[0]!
    const keys = (await key.jwks()) as never
    await verifyMessage(message, keys)
    for (const changed of [
      { ...message, body: message.body.replace('active', 'revoked') },
      { ...message, id: `${message.id}0` },
      { ...message, timestamp: message.timestamp + 1 },
    ])
      await expect(verifyMessage(changed, keys)).rejects.toThrow()
    const [own] = (await key.jwks()).keys
    const other = { keys: [{ ...own, x: own!.y }] }
    await expect(verifyMessage(message, other as never)).rejects.toThrow()
  })

  it('tells a keeper the own department’s events alone, an auditor also those below', async () => {
    await subscribe(deps, keeper, wish())
    await rejectsWithCode(subscribe(deps, keeper, wish({ covers: 'below' })), 'SEAL_ROLE_MISSING')
    const { id } = await subscribe(deps, auditor, wish({ covers: 'below' }))
    for (const sealId of sealIds) await happen(sealId)
    await relayEvents(deps)
    const seen = (isAuditors: boolean) =>
      receiver.taken.filter((one) => one.id.startsWith(id) === isAuditors).map(({ sealId }) => sealId)
    expect(seen(false)).toEqual([sealIds[0]])
    expect(seen(true).sort()).toEqual([...sealIds].sort())
    await rejectsWithCode(unsubscribe(deps, keeper, id), 'WEBHOOK_NOT_FOUND')
    await rejectsWithCode(replay(deps, stranger, id, 1n), 'WEBHOOK_NOT_FOUND')
  })

  it('tells uses only while somebody wants them', async () => {
    const { id } = await subscribe(deps, keeper, wish({ topics: ['use.sealed'] }))
    const request = sealRequest(world, 500)
    await world.seals.sealDocuments(clerk, [request])
    await relayEvents(deps)
    expect(receiver.taken.map(({ body }) => JSON.parse(body).data)).toMatchObject([
      { identifier: request.identifier, by: clerk.id, byDepartment: market.code },
    ])
    await unsubscribe(deps, keeper, id)
    const count = async () =>
      (
        await database.query<{ count: bigint }>(`select count(*) as count from seal.outbox where topic = 'use.sealed'`)
      )[0]!
    const before = await count()
    await world.seals.sealDocuments(clerk, [sealRequest(world, 501)])
    expect(await count()).toEqual(before)
  })

  it('tells of warnings as they are raised', async () => {
    await subscribe(deps, keeper, wish({ topics: ['warning.raised'] }))
    const warning = `insert into seal.warnings (rule, occasion, department_code, seal_id, facts, raised_at, state_changed_at)
      values ('keeper-missing', $1, $2, $3, '{"keeperId": "k"}', now(), now()) on conflict do nothing`
    await database.query(warning, ['once', market.code, sealIds[0]])
    await database.query(warning, ['once', market.code, sealIds[0]])
    await database.query(warning, ['of the house', null, null])
    await relayEvents(deps)
    expect(receiver.taken.map(({ body }) => JSON.parse(body).data)).toMatchObject([
      { rule: 'keeper-missing', sealId: sealIds[0], facts: { keeperId: 'k' } },
    ])
  })

  it('sends the events of a seal in order over outages, each at least once, and those of others meanwhile', async () => {
    await subscribe(deps, auditor, wish({ covers: 'below' }))
    const failing = new Set([sealIds[0]])
    receiver.answer(({ sealId }) => (failing.has(sealId) ? 409 : 204))
    const first = counter + 1
    for (let round = 0; round < 3; round++) for (const sealId of sealIds) await happen(sealId)
    await relayEvents(deps)
    expect(receiver.taken.map(({ sealId }) => sealId)).toEqual([sealIds[1], sealIds[1], sealIds[1]])
    failing.clear()
    world.pki.clock.advance(60_000)
    await relayEvents(deps)
    expect(reasons().slice(3)).toEqual([first, first + 2, first + 4].map((n) => `reason ${n}`))
  })

  it.each([
    ['gives no answer', null, 'NO_ANSWER'],
    ['fails', (): number => 503, 'STATUS_503'],
    ['redirects', (): number => 302, 'STATUS_302'],
  ] as const)(
    'waits longer and longer while the receiver %s, and leaves it alone for all seals',
    async (_, answer, fault) => {
      await subscribe(deps, auditor, wish({ covers: 'below' }))
      receiver.answer(answer)
      const send = createEventSender('loopback')
      const brief: RelayDeps = {
        ...deps,
        sendEvent: (address, message) =>
          answer === null ? Promise.race([send(address, message), later(300)]) : send(address, message),
      }
      for (const sealId of sealIds) await happen(sealId)
      await relayEvents(brief)
      await happen(sealIds[1]!)
      expect(await relayEvents(brief)).toMatchObject({ delivered: 0, failed: 0 })
      const [listed] = await listSubscriptions(deps, auditor)
      expect(listed!.figures).toMatchObject({ waiting: 3, dead: 0, lastFault: fault })
      receiver.answer(() => 200)
      world.pki.clock.advance(30_000)
      expect(await relayEvents(brief)).toMatchObject({ delivered: 3 })
    },
  )

  it('keeps no other department waiting for a receiver that is slow, however much it is to be told', async () => {
    const held: (() => void)[] = []
    const slowly: RelayDeps = {
      ...deps,
      sendEvent: (address, message) =>
        address.endsWith('/slow')
          ? new Promise((done) => held.push(() => done(null)))
          : deps.sendEvent(address, message),
    }
    for (const part of 'abcdefghijklmnopqrst')
      await subscribe(deps, stranger, wish({ address: `http://127.0.0.1:9/${part}/slow` }))
    await subscribe(deps, keeper, wish())
    await happen(sealIds[1]!)
    for (let event = 0; event < 3; event++) await happen(sealIds[0]!)
    const round = relayEvents(slowly)
    await expect.poll(() => receiver.taken.length, { timeout: 60_000 }).toBe(3)
    await expect.poll(() => held.length, { timeout: 60_000 }).toBe(4)
    const releasing = setInterval(() => {
      for (const answer of held.splice(0)) answer()
    }, 5)
    expect(await round).toMatchObject({ delivered: 23, failed: 0, dead: 0 })
    clearInterval(releasing)
  })

  it('gives an event up after its attempts, tells so, goes on with the next, and sends it again at a replay', async () => {
    const { id } = await subscribe(deps, keeper, wish())
    const poison = `reason ${counter + 1}`
    receiver.answer(({ body }) => (JSON.parse(body).data.reason === poison ? 400 : 204))
    await happen(sealIds[0]!)
    await happen(sealIds[0]!)
    for (let attempt = 0; attempt < 30 && receiver.taken.length === 0; attempt++) {
      await relayEvents(deps)
      world.pki.clock.advance(6 * 3_600_000)
    }
    expect(reasons()).toEqual([`reason ${counter}`])
    const dead = await listGivenUp(deps, keeper, id)
    expect(dead).toMatchObject([{ fault: 'STATUS_400' }])
    expect(new Set(receiver.attempts).size).toBe(2)
    receiver.answer(() => 204)
    await replay(deps, keeper, id, dead[0]!.position)
    await relayEvents(deps)
    expect(reasons()).toEqual([`reason ${counter}`, poison, `reason ${counter}`])
    expect(receiver.taken[0]!.id).toBe(receiver.taken[2]!.id)
    expect(await listGivenUp(deps, keeper, id)).toEqual([])
  })

  it('replays from a position before the subscription, when asked to', async () => {
    await happen(sealIds[0]!)
    const { id } = await subscribe(deps, keeper, wish({ fromPosition: 1n }))
    await relayEvents(deps)
    const all = receiver.taken.length
    expect(all).toBeGreaterThan(1)
    expect(receiver.taken.map(({ position }) => position)).toEqual(
      receiver.taken.map(({ position }) => position).toSorted((a, b) => Number(a - b)),
    )
    await replay(deps, keeper, id, receiver.taken.at(-1)!.position)
    await relayEvents(deps)
    expect(receiver.taken).toHaveLength(all + 1)
  })

  it('sends each event once where several processes relay at the same time', async () => {
    await subscribe(deps, auditor, wish({ covers: 'below' }))
    for (let round = 0; round < 10; round++) for (const sealId of sealIds) await happen(sealId)
    const rounds = await Promise.all([1, 2, 3].map(() => relayEvents(deps)))
    const rest = await relayEvents(deps)
    expect([...rounds, rest].reduce((sum, { delivered }) => sum + delivered, 0)).toBe(20)
    expect(receiver.attempts).toHaveLength(20)
    for (const sealId of sealIds) {
      const positions = receiver.taken.filter((one) => one.sealId === sealId).map(({ position }) => position)
      expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)))
    }
  })

  it('misses no event that is committed late, behind others with later numbers', async () => {
    const { id } = await subscribe(deps, auditor, wish({ covers: 'below' }))
    const slow = async (sealId: string, ms: number) =>
      database.transaction(async (tx) => {
        await tx.query(
          `insert into seal.seal_events (seal_id, action, state, reason, caller_id, at) values ($1, 'remind', 'active', $2, 'tester', now())`,
          [sealId, `reason ${++counter}`],
        )
        await tx.query('select pg_sleep($1)', [ms / 1000])
      })
    const watch = async () => {
      for (let round = 0; round < 12; round++) {
        await relayEvents(deps)
      }
    }
    const writers = Array.from({ length: 16 }, (_, at) => slow(sealIds[at % 2]!, (at * 37) % 120))
    await Promise.all([...writers, watch(), watch()])
    await relayEvents(deps)
    const told = receiver.taken.filter((one) => one.id.startsWith(id))
    expect(told).toHaveLength(16)
    expect(new Set(told.map(({ id: one }) => one)).size).toBe(16)
    const [gaps] = await database.query<{ count: bigint; last: bigint }>(
      'select count(position) as count, max(position) as last from seal.outbox',
    )
    expect(gaps!.count).toBe(gaps!.last)
  })

  it('sends again what a process had taken when it ended', async () => {
    await subscribe(deps, keeper, wish())
    await happen(sealIds[0]!)
    const dying: RelayDeps = {
      ...deps,
      sendEvent: async () => {
        throw new Error('the process ends here')
      },
    }
    await expect(relayEvents(dying)).rejects.toThrow('the process ends here')
    expect(await relayEvents(deps)).toMatchObject({ delivered: 0 })
    world.pki.clock.advance(31_000)
    expect(await relayEvents(deps)).toMatchObject({ delivered: 1 })
  })

  it.each([
    ['ftp://example.test/'],
    ['http://example.test/'],
    ['https://name:word@example.test/'],
    ['https://example.test/#part'],
    ['no address'],
    [`https://example.test/${'a'.repeat(500)}`],
  ])('refuses the address %s', async (address) => {
    await rejectsWithCode(subscribe({ ...deps, mayPlain: false }, keeper, wish({ address })), 'WEBHOOK_ADDRESS_REFUSED')
  })

  it('refuses unknown kinds of events and more subscriptions than a department may have', async () => {
    await rejectsWithCode(subscribe(deps, keeper, wish({ topics: ['seal.sing'] })), 'WEBHOOK_TOPIC_UNKNOWN')
    await rejectsWithCode(subscribe(deps, keeper, wish({ topics: [] })), 'WEBHOOK_TOPIC_UNKNOWN')
    expect((await subscribe(deps, keeper, wish({ topics: eventTopics }))).topics).toEqual(eventTopics)
    for (let count = 0; count < 20; count++) await subscribe(deps, stranger, wish())
    await rejectsWithCode(subscribe(deps, stranger, wish()), 'WEBHOOK_TOO_MANY')
  })

  it('reaches no private network and speaks no plain http where none may be reached', async () => {
    const send = createEventSender('refuse')
    const message = { id: '1', timestamp: 1, body: '{}', signature: 'a..b' }
    expect(await send(receiver.address, message)).toBe('ADDRESS_REFUSED')
    expect(await send(receiver.address.replace('http:', 'https:'), message)).toBe('ADDRESS_REFUSED')
    expect(await send('https://localhost/', message)).toBe('ADDRESS_REFUSED')
    expect(receiver.attempts).toEqual([])
  })

  it('keeps events as they are', async () => {
    await expect(database.query(`update seal.outbox set body = '{}'`)).rejects.toThrow('placed once')
    await expect(database.query('delete from seal.outbox')).rejects.toThrow('placed once')
  })
})
