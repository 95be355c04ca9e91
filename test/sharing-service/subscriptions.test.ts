// Changes of licences told to departments that rely on them: signed, in the order of each licence, at least once, and once more on replay.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { decideAgreement, insertAgreement } from '../../sharing-service/store/agreements.ts'
import { engines } from '../support/engines.ts'
import { departments, keyOf, madeUpType, openWorld, type World } from './world.ts'

const [issuer, , consumer, stranger] = departments

interface Told {
  readonly id: string
  readonly signature: string
  readonly body: string
  readonly identifier: string
  readonly topic: string
}

describe.each(engines)('subscriptions, on $name', ({ open }) => {
  let world: World
  let receiver: Server
  let address: string
  let told: Told[] = []
  /** Statuses that the receiver answers next; after them 204. */
  let answers: number[] = []
  /** Answers that `/slow` keeps back. */
  let held: (() => void)[] = []
  let position = 0n
  const type = madeUpType(1, 'unconditional', ['name'], ['name'])
  const identifiers = ['1', '2', '3'].map((serial) =>
    formatIdentifier({ typeCode: type.typeCode, issuerCode: issuer, serial, version: 1 }),
  )
  const admin = (department: string) => ({ department, role: 'licence-reviewer' })

  beforeAll(async () => {
    world = await openWorld(await open())
    world.held.types.push(type)
    for (const identifier of identifiers)
      world.held.licences.push({
        ...{
          identifier,
          typeCode: type.typeCode,
          issuerCode: issuer,
          issuerName: '甲局',
          status: 'in force',
          checkCode: 0,
        },
        ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
        ...{ statusAsOf: world.clock.now(), holderKeys: [keyOf('someone')], values: { name: '某某' } },
      })
    receiver = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (piece: string) => {
        body += piece
      })
      request.on('end', () => {
        if (request.url === '/slow') {
          held.push(() => response.writeHead(204).end())
          return
        }
        const status = answers.shift() ?? 204
        if (status < 300) {
          const { topic, data } = JSON.parse(body) as { topic: string; data: { identifier: string } }
          const { 'webhook-id': id, 'webhook-signature': signature } = request.headers
          told.push({ id: String(id), signature: String(signature), body, topic, identifier: data.identifier })
        }
        response.writeHead(status).end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/licences`
    await world.call('/api/sharing/matters', admin(consumer), { body: { matterCode: 'M1', name: '事项' } })
    for (const identifier of identifiers.slice(0, 2)) {
      const body = { matterCode: 'M1', purpose: '办事', identifier }
      expect(
        (await world.call('/api/shared/data', { department: consumer, role: 'licence-user' }, { body })).status,
      ).toBe(200)
    }
  })
  afterAll(async () => {
    receiver?.close()
    await world?.close()
  })
  beforeEach(() => {
    told = []
    answers = []
    held = []
  })

  const change = (identifier: string, topic: string) =>
    world.held.changes.push({
      ...{
        position: ++position,
        identifier,
        topic,
        typeCode: type.typeCode,
        departmentCode: issuer,
        at: world.clock.now(),
      },
      body: { identifier, state: 'suspended' },
    })
  const subscribe = async (body: object = {}) => {
    const topics = ['licence.suspended', 'licence.restored', 'licence.revoked']
    const reply = await world.call('/api/sharing/subscriptions', admin(consumer), {
      once: crypto.randomUUID(),
      body: { address, topics, ...body },
    })
    expect(reply.status).toBe(201)
    return reply.json.id as string
  }
  const path = (id: string, what = '') => `/api/sharing/subscriptions/${id}${what}`
  const end = (id: string) => world.call(path(id), admin(consumer), { method: 'DELETE' })

  // What one test left must not be told in the next.
  afterEach(async () => {
    const { items } = (await world.call('/api/sharing/subscriptions', admin(consumer))).json
    for (const { id } of items) await end(id)
  })

  it('tell the changes of licences that the department fetched, and of no other', async () => {
    await subscribe()
    change(identifiers[0]!, 'licence.suspended')
    change(identifiers[2]!, 'licence.suspended')
    change(identifiers[1]!, 'licence.renewed')
    change(identifiers[1]!, 'licence.revoked')
    expect(await world.sharing.relay()).toEqual({ delivered: 2, failed: 0, dead: 0 })
    expect(told.map(({ identifier, topic }) => [identifier, topic]).sort()).toEqual(
      [
        [identifiers[0], 'licence.suspended'],
        [identifiers[1], 'licence.revoked'],
      ].sort(),
    )
    const jwks = (await world.call('/api/sharing/jwks.json', admin(consumer))).json as JSONWebKeySet
    for (const { signature, body, id: messageId } of told) {
      const [protectedHeader, , mark] = signature.split('.')
      const payload = Buffer.from(body).toString('base64url')
      const jws = { protected: protectedHeader!, payload, signature: mark! }
      const verified = await flattenedVerify(jws, createLocalJWKSet(jwks))
      expect(verified.protectedHeader).toMatchObject({ typ: 'licence-event+jws', id: messageId })
      const forged = { ...jws, payload: Buffer.from(body.replace('suspended', 'restored')).toString('base64url') }
      if (body.includes('suspended')) await expect(flattenedVerify(forged, createLocalJWKSet(jwks))).rejects.toThrow()
    }
  })

  it('tell nothing of before the licence was fetched, and nothing while it may not be had', async () => {
    const licence = identifiers[2]!
    const id = await subscribe()
    change(licence, 'licence.suspended')
    world.clock.advance(3_600_000)
    const body = { matterCode: 'M1', purpose: '办事', identifier: licence }
    await world.call('/api/shared/data', { department: consumer, role: 'licence-user' }, { body })
    change(licence, 'licence.restored')
    const [unconditional] = world.held.types
    world.held.types[0] = { ...unconditional!, sharing: 'conditional' }
    expect(await world.sharing.relay()).toMatchObject({ delivered: 0 })
    const again = () =>
      world.call(path(id, '/replays'), admin(consumer), { body: { fromPosition: String(position - 1n) } })
    await again()
    expect(await world.sharing.relay()).toMatchObject({ delivered: 0 })
    const day = 86_400_000
    const now = world.clock.now()
    const agreement = crypto.randomUUID()
    await world.database.transaction((tx) =>
      insertAgreement(
        tx,
        {
          ...{ id: agreement, providerCode: issuer, consumerCode: consumer, typeCode: type.typeCode, fields: ['name'] },
          ...{ matterCodes: ['M1'], legalBasis: '法', dailyUses: 9, dailyHolders: 9, state: 'proposed' },
          ...{ validFrom: now, validUntil: new Date(now.getTime() + day), proposedBy: 'x', proposedAt: now },
          ...{ decidedBy: null, decidedAt: null, endedBy: null, endedAt: null },
        },
        { key: agreement, requestDigest: new Uint8Array(32) },
      ),
    )
    await decideAgreement(world.database, agreement, 'accepted', 'y', now)
    await again()
    expect(await world.sharing.relay()).toMatchObject({ delivered: 1 })
    expect(told.map(({ identifier, topic }) => [identifier, topic])).toEqual([[licence, 'licence.restored']])
    world.clock.advance(day)
    change(licence, 'licence.revoked')
    expect(await world.sharing.relay()).toMatchObject({ delivered: 0 })
    world.held.types[0] = unconditional!
  })

  it('are made once, however often their key is sent', async () => {
    const body = { address, topics: ['licence.revoked'] }
    const make = () => world.call('/api/sharing/subscriptions', admin(consumer), { once: 'same', body })
    const made = await Promise.all([make(), make(), make()])
    expect(new Set(made.map(({ json }) => json.id)).size).toBe(1)
    const other = { once: 'same', body: { ...body, topics: ['licence.suspended'] } }
    const reused = await world.call('/api/sharing/subscriptions', admin(consumer), other)
    expect(reused.json.code).toBe('IDEMPOTENCY_KEY_REUSED')
  })

  it('keep the order of each licence while a receiver fails, and let others pass', async () => {
    await subscribe()
    for (const topic of ['licence.suspended', 'licence.restored', 'licence.revoked']) change(identifiers[0]!, topic)
    answers = [422]
    expect(await world.sharing.relay()).toMatchObject({ delivered: 0, failed: 1 })
    change(identifiers[1]!, 'licence.suspended')
    expect(await world.sharing.relay()).toMatchObject({ delivered: 1, failed: 0 })
    expect(told[0]!.identifier).toBe(identifiers[1])
    world.clock.advance(60_000)
    expect(await world.sharing.relay()).toMatchObject({ delivered: 3 })
    expect(told.slice(1).map(({ topic }) => topic)).toEqual([
      'licence.suspended',
      'licence.restored',
      'licence.revoked',
    ])
  })

  it('are sent by several processes at once without one change twice', async () => {
    await subscribe()
    const others = await Promise.all([world.reopen(), world.reopen()])
    for (let i = 0; i < 20; i++) change(identifiers[i % 2]!, i % 4 < 2 ? 'licence.suspended' : 'licence.restored')
    await Promise.all([world.sharing, ...others].map((one) => one.relay()))
    await world.sharing.relay()
    expect(told).toHaveLength(20)
    expect(new Set(told.map((one) => one.id)).size).toBe(20)
    for (const identifier of identifiers.slice(0, 2)) {
      const places = told.filter((one) => one.identifier === identifier).map((one) => Number(one.id.split('.')[1]))
      expect(places).toEqual([...places].sort((a, b) => a - b))
    }
  })

  it('send everything once more from a position, with the same ids, to who comes late as well', async () => {
    const id = await subscribe({ fromPosition: '1' })
    await world.sharing.relay()
    const first = told.map((one) => one.id).sort()
    expect(first.length).toBeGreaterThan(20)
    told = []
    const replay = await world.call(path(id, '/replays'), admin(consumer), { body: { fromPosition: '1' } })
    expect(replay.status).toBe(202)
    await world.sharing.relay()
    expect(told.map((one) => one.id).sort()).toEqual(first)
  })

  it('give up after all attempts, say so, and take it up again on replay', async () => {
    const id = await subscribe()
    change(identifiers[0]!, 'licence.suspended')
    answers = Array.from({ length: 18 }, () => 410)
    for (let attempt = 0; attempt < 18; attempt++) {
      await world.sharing.relay()
      world.clock.advance(7 * 3_600_000)
    }
    const { json } = await world.call(path(id, '/given-up'), admin(consumer))
    expect(json.items).toMatchObject([{ position: String(position), fault: 'STATUS_410' }])
    const [standing] = (await world.call('/api/sharing/subscriptions', admin(consumer))).json.items
    expect(standing).toMatchObject({ id, waiting: 0, givenUp: 1 })
    await world.call(path(id, '/replays'), admin(consumer), { body: { fromPosition: String(position) } })
    expect(await world.sharing.relay()).toMatchObject({ delivered: 1 })
  })

  it('wait for no slow receiver of another department, however much it is to be told', async () => {
    const fetchAs = async (department: string, identifier: string) => {
      const body = { matterCode: 'M1', purpose: '办事', identifier }
      const reply = await world.call('/api/shared/data', { department, role: 'licence-user' }, { body })
      expect(reply.status).toBe(200)
    }
    await world.call('/api/sharing/matters', admin(stranger), { body: { matterCode: 'M1', name: '事项' } })
    const slow = { address: address.replace('/licences', '/slow'), topics: ['licence.suspended'] }
    await world.call('/api/sharing/subscriptions', admin(stranger), { once: 'slow', body: slow })
    await subscribe()
    for (let serial = 100; serial < 120; serial++) {
      const identifier = formatIdentifier({
        ...{ typeCode: type.typeCode, issuerCode: issuer, serial: String(serial), version: 1 },
      })
      world.held.licences.push({ ...world.held.licences[0]!, identifier })
      await fetchAs(stranger, identifier)
      change(identifier, 'licence.suspended')
    }
    for (const topic of ['licence.suspended', 'licence.restored', 'licence.revoked']) change(identifiers[0]!, topic)
    const round = world.sharing.relay()
    await expect.poll(() => told.length, { timeout: 4_000 }).toBe(3)
    await expect.poll(() => held.length, { timeout: 4_000 }).toBe(4)
    const releasing = setInterval(() => {
      for (const answer of held.splice(0)) answer()
    }, 5)
    // On a busy machine the round ends before the last of them is taken up: the next round tells it.
    let { delivered, failed } = await round
    for (let more = 0; delivered < 23 && more < 5; more++) {
      const next = await world.sharing.relay()
      delivered += next.delivered
      failed += next.failed
    }
    clearInterval(releasing)
    expect({ delivered, failed }).toEqual({ delivered: 23, failed: 0 })
    const [{ id }] = (await world.call('/api/sharing/subscriptions', admin(stranger))).json.items
    await world.call(path(id), admin(stranger), { method: 'DELETE' })
  })

  it('come a few pages a round to whom much is to be told', async () => {
    const id = await subscribe()
    for (let i = 0; i < 2_001; i++) change(identifiers[2]!, 'licence.archived')
    change(identifiers[0]!, 'licence.suspended')
    expect(await world.sharing.relay()).toMatchObject({ delivered: 0 })
    expect(await world.sharing.relay()).toMatchObject({ delivered: 1 })
    await end(id)
  })

  it('are absent for other departments, and refuse addresses that are none', async () => {
    const id = await subscribe()
    for (const what of ['', '/replays', '/given-up']) {
      const method = what === '' ? 'DELETE' : what === '/replays' ? 'POST' : 'GET'
      const body = what === '/replays' ? { fromPosition: '1' } : undefined
      const reply = await world.call(path(id, what), admin(stranger), { method, ...(body && { body }) })
      expect([what, reply.status, reply.json.code]).toEqual([what, 404, 'SUBSCRIPTION_NOT_FOUND'])
    }
    const bad = { once: 'bad', body: { address: 'ftp://x/', topics: ['licence.revoked'] } }
    expect((await world.call('/api/sharing/subscriptions', admin(consumer), bad)).json.code).toBe(
      'SUBSCRIPTION_ADDRESS_REFUSED',
    )
    const unknown = { once: 'unknown', body: { address, topics: ['licence.eaten'] } }
    expect((await world.call('/api/sharing/subscriptions', admin(consumer), unknown)).json.code).toBe('REQUEST_INVALID')
  })
})
