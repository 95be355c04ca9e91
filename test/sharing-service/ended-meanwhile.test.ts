// An agreement that ends while a fetch under it is under way: nothing leaves any more, and the record says why.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { decideAgreement, endAgreement, insertAgreement } from '../../sharing-service/store/agreements.ts'
import { engines } from '../support/engines.ts'
import { departments, keyOf, madeUpType, openWorld, type World } from './world.ts'

const FIELDS = ['code', 'name', 'address'] as const
const [issuer, , consumer] = departments
const DAY = 86_400_000
const secret = '秘密地址-end'

describe.each(engines)('a fetch while its agreement ends, on $name', ({ open }) => {
  let world: World
  const type = madeUpType(1, 'conditional', FIELDS, FIELDS)
  const { typeCode } = type
  const identifier = formatIdentifier({ typeCode, issuerCode: issuer, serial: '1', version: 1 })
  const as = { department: consumer, role: 'licence-user' }
  const why = { matterCode: 'M1', purpose: '办事', legalBasis: '法第一条' }

  beforeAll(async () => {
    world = await openWorld(await open())
    world.held.types.push(type)
    world.held.licences.push({
      ...{ identifier, typeCode, issuerCode: issuer, issuerName: '甲局', status: 'in force', checkCode: 0 },
      ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
      statusAsOf: world.clock.now(),
      holderKeys: [keyOf('holder')],
      values: { code: 'holder', name: '某某', address: secret },
    })
    const administrator = { department: consumer, role: 'licence-reviewer' }
    await world.call('/api/sharing/matters', administrator, { body: { matterCode: 'M1', name: '事项' } })
    const fields = [{ formField: '住所', typeCode, field: 'address' }]
    await world.call('/api/sharing/prefill-maps/form', administrator, { method: 'PUT', body: { fields } })
  })
  afterAll(() => world?.close())

  async function agree(): Promise<string> {
    const id = crypto.randomUUID()
    const now = world.clock.now()
    await world.database.transaction((tx) =>
      insertAgreement(
        tx,
        {
          ...{ id, providerCode: issuer, consumerCode: consumer, typeCode, fields: FIELDS, matterCodes: ['M1'] },
          ...{ legalBasis: '法', dailyUses: 100, dailyHolders: 100, state: 'proposed' },
          ...{ validFrom: new Date(now.getTime() - DAY), validUntil: new Date(now.getTime() + DAY) },
          ...{ proposedBy: 'x', proposedAt: now, decidedBy: null, decidedAt: null, endedBy: null, endedAt: null },
        },
        { key: id, requestDigest: new Uint8Array(32) },
      ),
    )
    await decideAgreement(world.database, id, 'accepted', 'y', now)
    return id
  }

  const bodies = {
    data: () => ({ identifier, fields: ['address'] }),
    searches: () => ({ holderCode: 'holder', typeCode }),
    prefills: () => ({ formCode: 'form', holderCode: 'holder' }),
    files: () => ({
      ...{ identifier, fields: ['address'] },
      expiresAt: new Date(world.clock.now().getTime() + DAY).toISOString(),
    }),
  }
  const lastAnswer = async () => {
    const [row] = await world.database.query<{ answer: string }>(
      'select answer from sharing.accesses order by at desc, access desc limit 1',
    )
    return row?.answer
  }

  it.each(Object.entries(bodies))('gives nothing through %s, and says that it ended', async (path, bodyOf) => {
    const post = () =>
      world.call(`/api/shared/${path}`, as, { body: { ...why, ...bodyOf() }, once: crypto.randomUUID() })
    const first = await agree()
    expect((await post()).status).toBeLessThan(300)
    world.held.meanwhile = () => endAgreement(world.database, first, 'x', world.clock.now())
    const ended = await post()
    world.held.meanwhile = async () => undefined
    expect(ended.text).not.toContain(secret)
    expect(ended.text).not.toContain(identifier)
    if (path === 'prefills') expect(ended.json.missing).toEqual([{ formField: '住所', why: 'not entitled' }])
    else expect([ended.status, ended.json.code]).toEqual([403, 'SHARING_AGREEMENT_ENDED'])
    expect(await lastAnswer()).toBe('agreement ended')
  })

  it('gives nothing once its last instant passed meanwhile', async () => {
    await agree()
    world.held.meanwhile = async () => world.clock.advance(2 * DAY)
    const { status, json } = await world.call('/api/shared/data', as, { body: { ...why, ...bodies.data() } })
    world.held.meanwhile = async () => undefined
    expect([status, json.code]).toEqual([403, 'SHARING_AGREEMENT_ENDED'])
  })
})
