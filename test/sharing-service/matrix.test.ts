// Department × sharing class × purpose × field, generated: nothing beyond entitlement in any answer, and every call on record.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import type { SharedType } from '../../sharing-service/domain/entitlement.ts'
import { decideAgreement, endAgreement, insertAgreement } from '../../sharing-service/store/agreements.ts'
import { engines } from '../support/engines.ts'
import type { Reply } from '../support/running-house.ts'
import { departments, keyOf, madeUpType, openWorld, type World } from './world.ts'

const FIELDS = ['code', 'name', 'address', 'income', 'remark'] as const
const [issuer, other, consumer, stranger] = departments
const DAY = 86_400_000

interface Case {
  readonly sharing: SharedType['sharing']
  readonly shareable: readonly string[]
  readonly agreements: readonly {
    readonly state: 'none' | 'proposed' | 'accepted' | 'refused' | 'ended'
    readonly of: 'issuer' | 'other'
    readonly time: 'past' | 'now' | 'future'
    readonly matters: readonly string[]
    readonly fields: readonly string[]
  }[]
  readonly department: string
  readonly matter: string
  readonly hasBasis: boolean
  readonly asked: readonly string[]
}

const cases: fc.Arbitrary<Case> = fc.record({
  sharing: fc.constantFrom('unconditional', 'conditional', 'conditional', 'not shared'),
  shareable: fc.subarray([...FIELDS]),
  agreements: fc.array(
    fc.record({
      state: fc.constantFrom('accepted', 'accepted', 'accepted', 'none', 'proposed', 'refused', 'ended'),
      of: fc.constantFrom('issuer', 'issuer', 'other'),
      time: fc.constantFrom('now', 'now', 'past', 'future'),
      matters: fc.subarray(['M1', 'M2'], { minLength: 1 }),
      fields: fc.subarray([...FIELDS], { minLength: 1 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  department: fc.constantFrom(consumer, consumer, stranger),
  matter: fc.constantFrom('M1', 'M1', 'M2', 'M9'),
  hasBasis: fc.boolean(),
  asked: fc.subarray([...FIELDS, 'unknown']),
})

/** Written a second time, from the plan's table and not from the code: which fields may leave. */
function allowed({ sharing, shareable, agreements, department, matter, hasBasis }: Case): readonly string[] {
  if (matter === 'M9') return []
  if (sharing === 'unconditional') return shareable
  if (sharing === 'not shared' || department !== consumer || !hasBasis) return []
  const standing = agreements.filter(
    ({ of, state, time, matters }) =>
      of === 'issuer' && state === 'accepted' && time === 'now' && matters.includes(matter),
  )
  return shareable.filter((field) => standing.some(({ fields }) => fields.includes(field)))
}

describe.each(engines)('what leaves, on $name', ({ open }) => {
  let world: World
  let number = 0
  beforeAll(async () => {
    world = await openWorld(await open())
    for (const department of [consumer, stranger])
      for (const matterCode of ['M1', 'M2'])
        await world.call(
          '/api/sharing/matters',
          { department, role: 'licence-reviewer' },
          {
            body: { matterCode, name: '事项' },
          },
        )
  })
  afterAll(() => world?.close())

  /** A type of its own for each case, with one licence whose every value is a secret of its own. */
  async function setUp(one: Pick<Case, 'sharing' | 'shareable' | 'agreements' | 'department'>) {
    const type = madeUpType(++number, one.sharing, one.shareable, FIELDS)
    const { typeCode } = type
    const identifier = formatIdentifier({ typeCode, issuerCode: issuer, serial: String(number), version: 1 })
    const secretOf = (field: string) => `秘密-${field}-${number}-end`
    const holderCode = `holder ${number}`
    world.held.types.push(type)
    world.held.licences.push({
      ...{ identifier, typeCode, issuerCode: issuer, issuerName: '甲局', status: 'in force', checkCode: 0 },
      ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
      statusAsOf: world.clock.now(),
      holderKeys: [keyOf(holderCode)],
      values: Object.fromEntries(FIELDS.map((field) => [field, secretOf(field)])),
    })
    for (const { state, of, time, matters, fields } of one.agreements) {
      if (state === 'none') continue
      const now = world.clock.now().getTime()
      const [from, until] = { past: [-2, -1], now: [-1, 1], future: [1, 2] }[time] as [number, number]
      const id = crypto.randomUUID()
      await world.database.transaction((tx) =>
        insertAgreement(
          tx,
          {
            ...{ id, providerCode: of === 'issuer' ? issuer : other, consumerCode: consumer, typeCode, fields },
            ...{ matterCodes: matters, legalBasis: '法', dailyUses: 100, dailyHolders: 100, state: 'proposed' },
            ...{ validFrom: new Date(now + from * DAY), validUntil: new Date(now + until * DAY) },
            ...{ proposedBy: 'x', proposedAt: world.clock.now() },
            ...{ decidedBy: null, decidedAt: null, endedBy: null, endedAt: null },
          },
          { key: id, requestDigest: new Uint8Array(32) },
        ),
      )
      if (state !== 'proposed')
        await decideAgreement(world.database, id, state === 'refused' ? 'refused' : 'accepted', 'y', world.clock.now())
      if (state === 'ended') await endAgreement(world.database, id, 'x', world.clock.now())
    }
    const map = { fields: FIELDS.map((field) => ({ formField: `form ${field}`, typeCode, field })) }
    await world.call(
      `/api/sharing/prefill-maps/form-${number}`,
      { department: one.department, role: 'licence-reviewer' },
      {
        method: 'PUT',
        body: map,
      },
    )
    return { typeCode, identifier, secretOf, holderCode, formCode: `form-${number}` }
  }

  const accesses = async (): Promise<number> => {
    const [row] = await world.database.query<{ count: bigint }>('select count(*) as count from sharing.accesses')
    return Number(row!.count)
  }

  it('is what the class, the agreement, the matter and the fields allow, through every address', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const { typeCode, identifier, secretOf, holderCode, formCode } = await setUp(one)
        const as = { department: one.department, role: 'licence-user' }
        const why = { matterCode: one.matter, purpose: '办事', ...(one.hasBasis && { legalBasis: '法第一条' }) }
        const expiresAt = new Date(world.clock.now().getTime() + DAY).toISOString()
        const post = (path: string, body: object) =>
          world.call(`/api/shared/${path}`, as, { body: { ...why, ...body }, once: crypto.randomUUID() })
        const before = await accesses()
        const data = await post('data', { identifier, fields: one.asked })
        const replies: Reply[] = [
          data,
          await post('searches', { holderCode, typeCode }),
          await post('prefills', { formCode, holderCode }),
          await post('files', { identifier, fields: one.asked, expiresAt }),
          await world.call('/zzgxpt/queryCertInfo', as, {
            body: {
              head: { accessId: `clerk ${one.department}_licence-user`, accessToken: `${one.department}_licence-user` },
              data: { itemCode: one.matter, useCause: '办事', certIdentifier: identifier, legalBasis: why.legalBasis },
            },
          }),
        ]
        // What several agreements give is on record under each.
        const recorded = (await accesses()) - before
        expect(recorded).toBeGreaterThanOrEqual(replies.length)
        if (one.agreements.length === 1) expect(recorded).toBe(replies.length)
        // Through the interface of GB/T 36906 the agreement's own legal basis counts.
        const here = allowed(one)
        const throughFacade = allowed({ ...one, hasBasis: true })
        replies.forEach(({ text, json }, place) => {
          const said = place === 4 ? JSON.stringify(json) : text
          for (const field of FIELDS)
            if (!(place === 4 ? throughFacade : here).includes(field)) expect(said).not.toContain(secretOf(field))
          expect(said).not.toContain(holderCode)
        })
        const wanted = one.asked.length === 0 ? here : here.filter((field) => one.asked.includes(field))
        expect(Object.keys(data.json.fields ?? {}).sort()).toEqual([...wanted].sort())
        expect(data.status).toBe(wanted.length > 0 ? 200 : 403)
        for (const field of wanted) expect(data.json.fields[field]).toBe(secretOf(field))
      }),
      { numRuns: process.env['TEST_LONG'] ? 400 : 25 },
    )
  }, 120_000)

  it('tells nobody who may not have it whether a licence is there', async () => {
    const one = { sharing: 'conditional', shareable: FIELDS, agreements: [], department: stranger } as const
    const { identifier, typeCode } = await setUp(one)
    const absent = formatIdentifier({ typeCode, issuerCode: issuer, serial: '777', version: 1 })
    const ask = async (which: string) => {
      const body = { matterCode: 'M1', purpose: '办事', legalBasis: '法', identifier: which }
      const { status, json } = await world.call(
        '/api/shared/data',
        { department: stranger, role: 'licence-user' },
        { body },
      )
      return [status, json.code, json.detail]
    }
    expect(await ask(identifier)).toEqual(await ask(absent))
  })

  it('goes by the agreement with whoever issued the licence, where several departments issue a type', async () => {
    const type = madeUpType(++number, 'conditional', FIELDS, FIELDS)
    const { typeCode } = type
    world.held.types.push(type)
    const hold = (issuerCode: string, serial: string) => {
      const identifier = formatIdentifier({ typeCode, issuerCode, serial, version: 1 })
      world.held.licences.push({
        ...{ identifier, typeCode, issuerCode, issuerName: '局', status: 'in force', checkCode: 0 },
        ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
        statusAsOf: world.clock.now(),
        holderKeys: [keyOf('both')],
        values: { name: `name of ${serial}`, income: `income of ${serial}` },
      })
      return identifier
    }
    const agree = async (providerCode: string, fields: readonly string[]) => {
      const now = world.clock.now().getTime()
      const id = crypto.randomUUID()
      await world.database.transaction((tx) =>
        insertAgreement(
          tx,
          {
            ...{ id, providerCode, consumerCode: consumer, typeCode, fields, matterCodes: ['M1'], legalBasis: '法' },
            ...{ dailyUses: 100, dailyHolders: 100, state: 'proposed', proposedBy: 'x', proposedAt: world.clock.now() },
            ...{ validFrom: new Date(now - DAY), validUntil: new Date(now + DAY) },
            ...{ decidedBy: null, decidedAt: null, endedBy: null, endedAt: null },
          },
          { key: id, requestDigest: new Uint8Array(32) },
        ),
      )
      await decideAgreement(world.database, id, 'accepted', 'y', world.clock.now())
    }
    const ofIssuer = hold(issuer, 'ISSUER')
    const ofOther = hold(other, 'OTHER')
    hold(stranger, 'STRANGER')
    const as = { department: consumer, role: 'licence-user' }
    const why = { matterCode: 'M1', purpose: '办事', legalBasis: '法' }
    const ask = (path: string, body: object) => world.call(`/api/shared/${path}`, as, { body: { ...why, ...body } })
    const found = async () =>
      (await ask('searches', { holderCode: 'both', typeCode })).json.items.map(
        (one: { identifier: string }) => one.identifier,
      )
    await agree(other, ['name'])
    expect(await found()).toEqual([ofOther])
    await agree(issuer, ['income'])
    expect(await found()).toEqual([ofIssuer, ofOther])
    expect((await ask('data', { identifier: ofOther })).json.fields).toEqual({ name: 'name of OTHER' })
    expect((await ask('data', { identifier: ofIssuer })).json.fields).toEqual({ income: 'income of ISSUER' })
    const map = { fields: ['name', 'income'].map((field) => ({ formField: field, typeCode, field })) }
    const admin = { department: consumer, role: 'licence-reviewer' }
    await world.call('/api/sharing/prefill-maps/both', admin, { method: 'PUT', body: map })
    const filled = await ask('prefills', { formCode: 'both', holderCode: 'both' })
    expect(filled.json.values).toEqual({ income: 'income of ISSUER' })
    expect(filled.json.missing).toEqual([{ formField: 'name', why: 'not entitled' }])
  })

  it('is stopped by the quota, however many ask at once, and goes on the next day', async () => {
    const type = madeUpType(++number, 'conditional', FIELDS, FIELDS)
    world.held.types.push(type)
    world.held.issuers = [issuer]
    const identifiers = Array.from({ length: 8 }, (_, i) => {
      const { typeCode } = type
      const identifier = formatIdentifier({ typeCode, issuerCode: issuer, serial: `Q${i}`, version: 1 })
      world.held.licences.push({
        ...{ identifier, typeCode, issuerCode: issuer, issuerName: '甲局', status: 'in force', checkCode: 0 },
        ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
        statusAsOf: world.clock.now(),
        holderKeys: [keyOf(`quota ${i}`)],
        values: { name: `value ${i}` },
      })
      return identifier
    })
    const offer = await world.call(
      '/api/sharing/agreements',
      { department: issuer, role: 'licence-reviewer' },
      {
        once: 'quota',
        body: {
          ...{
            consumerCode: consumer,
            typeCode: type.typeCode,
            matterCodes: ['M1'],
            fields: ['name'],
            legalBasis: '法',
          },
          validFrom: world.clock.now().toISOString(),
          validUntil: new Date(world.clock.now().getTime() + 30 * DAY).toISOString(),
          ...{ dailyUses: 1000, dailyHolders: 3 },
        },
      },
    )
    await world.call(
      `/api/sharing/agreements/${offer.json.id}/acceptances`,
      { department: consumer, role: 'licence-reviewer' },
      {
        method: 'POST',
      },
    )
    const ask = (identifier: string) =>
      world.call(
        '/api/shared/data',
        { department: consumer, role: 'licence-user' },
        {
          body: { matterCode: 'M1', purpose: '办事', legalBasis: '法', identifier },
        },
      )
    const replies = await Promise.all(identifiers.map(ask))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(3)
    const stopped = replies.filter(({ status }) => status !== 200)
    expect(new Set(stopped.map(({ json }) => json.code))).toEqual(new Set(['SHARING_QUOTA_EXHAUSTED']))
    const known = replies.findIndex(({ status }) => status === 200)
    expect((await ask(identifiers[known]!)).status).toBe(200)
    world.clock.advance(DAY)
    expect((await ask(identifiers[(known + 4) % 8]!)).status).toBe(200)
  })

  it('is stopped for whoever asks through a list of people, of whom there may be nothing', async () => {
    const type = madeUpType(++number, 'unconditional', FIELDS, FIELDS)
    const { typeCode } = type
    world.held.types.push(type)
    await world.database.query(`insert into sharing.quota_days (scope, day, holders) values ($1, $2, 1998)`, [
      `open:${consumer}:${typeCode}`,
      new Date(world.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10),
    ])
    const ask = (path: string, body: object) =>
      world.call(
        `/api/shared/${path}`,
        { department: consumer, role: 'licence-user' },
        { body: { matterCode: 'M1', purpose: '办事', ...body } },
      )
    const map = { fields: [{ formField: 'name', typeCode, field: 'name' }] }
    const admin = { department: consumer, role: 'licence-reviewer' }
    await world.call('/api/sharing/prefill-maps/list', admin, { method: 'PUT', body: map })
    const people = ['list 1', 'list 2', 'list 3', 'list 4']
    const search = (holderCode: string) => ask('searches', { holderCode, typeCode })
    const prefill = (holderCode: string) => ask('prefills', { holderCode, formCode: 'list' })
    const replies = await Promise.all(people.map((code, place) => (place % 2 ? search(code) : prefill(code))))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429])
    const stopped = people[replies.findIndex(({ status }) => status === 429)]!
    for (const reply of [await search(stopped), await prefill(stopped)])
      expect(reply.json.code).toBe('SHARING_QUOTA_EXHAUSTED')
    expect(await world.sharing.accessesOf(keyOf(stopped), world.clock.now(), 10)).toHaveLength(3)
    expect((await search(people[replies.findIndex(({ status }) => status === 200)]!)).status).toBe(200)
  })

  it('is stopped for whoever guesses: checks that find nothing end for the day', async () => {
    const type = madeUpType(++number, 'not shared', [], FIELDS)
    world.held.types.push(type)
    await world.database.query(`insert into sharing.quota_days (scope, day, misses) values ($1, $2, 199)`, [
      `checks:${consumer}:${type.typeCode}`,
      new Date(world.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10),
    ])
    const guess = () =>
      world.call(
        '/api/shared/data-checks',
        { department: consumer, role: 'licence-user' },
        {
          body: { matterCode: 'M1', purpose: '办事', typeCode: type.typeCode, data: { code: 'x', name: 'y' } },
        },
      )
    const replies = await Promise.all(Array.from({ length: 5 }, guess))
    expect(replies.filter(({ json }) => json.code === 5)).toHaveLength(1)
    expect(replies.filter(({ json }) => json.code === 'SHARING_QUOTA_EXHAUSTED')).toHaveLength(4)
    const seen = await world.sharing.accessesOf(keyOf('x'), world.clock.now(), 10)
    expect(seen).toHaveLength(5)
  })

  it('is kept for as long as it is to be, month by month, and no row is changed before', async () => {
    await expect(world.database.query(`update sharing.accesses set answer = 'given'`)).rejects.toThrow()
    await expect(world.database.query('delete from sharing.access_holders')).rejects.toThrow()
    const seen = () => world.sharing.accessesOf(keyOf('x'), world.clock.now(), 10)
    world.clock.advance(1_000 * DAY)
    await world.sharing.keepHouse()
    expect(await seen()).toHaveLength(5)
    world.clock.advance(200 * DAY)
    await world.sharing.keepHouse()
    expect(await seen()).toEqual([])
    const keys = await world.database.query('select month from sharing.access_keys')
    expect(keys).toEqual([])
  })
})
