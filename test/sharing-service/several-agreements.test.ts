// Several agreements of one consumer on one type: each gives its fields, counts them and answers for them.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { shareOut } from '../../sharing-service/domain/entitlement.ts'
import { engines } from '../support/engines.ts'
import { departments, keyOf, madeUpType, openWorld, type World } from './world.ts'

const [issuer, other, consumer] = departments
const DAY = 86_400_000
const FIELDS = ['name', 'address', 'operator']
const why = { matterCode: 'M1', purpose: '办事', legalBasis: '法' }
const admin = { department: consumer, role: 'licence-reviewer' }
const user = { department: consumer, role: 'licence-user' }

describe('what several grant', () => {
  const grants = fc.array(fc.record({ granted: fc.uniqueArray(fc.constantFrom(...'abcdef')) }), { maxLength: 6 })

  it('is shared out whole, every field once, to none that adds nothing', () => {
    fc.assert(
      fc.property(grants, (all) => {
        const shares = shareOut(all)
        const given = shares.flatMap(({ granted }) => granted)
        expect([...given].sort()).toEqual([...new Set(all.flatMap(({ granted }) => granted))].sort())
        for (const { granted } of shares) expect(granted).not.toEqual([])
      }),
    )
  })

  it('is one share where one grants all of it', () => {
    expect(shareOut([{ granted: ['a'] }, { granted: ['b', 'a'] }])).toEqual([{ granted: ['b', 'a'] }])
  })
})

describe.each(engines)('several agreements, on $name', ({ open }) => {
  let world: World
  let number = 0
  beforeAll(async () => {
    world = await openWorld(await open())
    world.held.issuers = [issuer, other]
    await world.call('/api/sharing/matters', admin, { body: { matterCode: 'M1', name: '事项' } })
  })
  afterAll(() => world?.close())

  /** A type with one licence, of the first department. */
  function holdOne() {
    const type = madeUpType(++number, 'conditional', FIELDS, FIELDS)
    const { typeCode } = type
    const holderCode = `holder ${number}`
    const identifier = formatIdentifier({ typeCode, issuerCode: issuer, serial: `S${number}`, version: 1 })
    world.held.types.push(type)
    world.held.licences.push({
      ...{ identifier, typeCode, issuerCode: issuer, issuerName: '甲局', status: 'in force', checkCode: 0 },
      ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
      ...{ statusAsOf: world.clock.now(), holderKeys: [keyOf(holderCode)] },
      values: Object.fromEntries(FIELDS.map((field) => [field, `value of ${field}`])),
    })
    return { typeCode, identifier, holderCode }
  }

  async function agree(typeCode: string, fields: readonly string[], { provider = issuer, dailyUses = 99 } = {}) {
    world.clock.advance(1000)
    const validFrom = world.clock.now()
    const body = {
      ...{ consumerCode: consumer, typeCode, matterCodes: ['M1'], fields, legalBasis: '法', validFrom },
      ...{ validUntil: new Date(validFrom.getTime() + 30 * DAY), dailyUses, dailyHolders: 99 },
    }
    const offer = { once: crypto.randomUUID(), body }
    const { id } = (
      await world.call('/api/sharing/agreements', { department: provider, role: 'licence-reviewer' }, offer)
    ).json
    const accepted = await world.call(`/api/sharing/agreements/${id}/acceptances`, admin, { method: 'POST' })
    expect(accepted.json.state).toBe('accepted')
    return id as string
  }

  const ask = (path: string, body: object) =>
    world.call(`/api/shared/${path}`, user, { body: { ...why, ...body }, once: crypto.randomUUID() })

  it('give together what each gives, on record under the agreement that gives it', async () => {
    const { typeCode, identifier } = holdOne()
    const first = await agree(typeCode, ['address'])
    const second = await agree(typeCode, ['operator'])
    const given = async (fields: readonly string[]) => (await ask('data', { identifier, fields })).json
    expect((await given(['address'])).fields).toEqual({ address: 'value of address' })
    expect((await given(['operator'])).fields).toEqual({ operator: 'value of operator' })
    const both = { address: 'value of address', operator: 'value of operator' }
    expect((await given([])).fields).toEqual(both)
    const { fields, refused } = await given(['name', 'operator', 'address'])
    expect(fields).toEqual(both)
    expect(refused).toEqual([{ field: 'name', why: 'not agreed' }])
    const recorded = await world.database.query(
      `select agreement_id as id, fields from sharing.accesses where identifier = $1 order by access desc limit 2`,
      [identifier],
    )
    expect(recorded).toHaveLength(2)
    expect(recorded).toContainEqual({ id: first, fields: ['address'] })
    expect(recorded).toContainEqual({ id: second, fields: ['operator'] })
    const expiresAt = new Date(world.clock.now().getTime() + DAY)
    expect((await ask('files', { identifier, fields: ['address', 'operator'], expiresAt })).status).toBe(200)
  })

  it('count each what it gives: the end of one, or of its quota, takes away its own fields alone', async () => {
    const { typeCode, identifier } = holdOne()
    const all = await agree(typeCode, ['address', 'name'], { dailyUses: 3 })
    await agree(typeCode, ['operator', 'name'])
    const outcome = async (fields: readonly string[]) => {
      const { status, json } = await ask('data', { identifier, fields })
      return status === 200 ? Object.keys(json.fields).sort() : json.code
    }
    for (let i = 0; i < 5; i++) expect(await outcome(['operator', 'name'])).toEqual(['name', 'operator'])
    for (let i = 0; i < 3; i++) expect(await outcome(['operator', 'address'])).toEqual(['address', 'operator'])
    expect(await outcome(['address'])).toBe('SHARING_QUOTA_EXHAUSTED')
    expect(await outcome(['operator'])).toEqual(['operator'])
    await world.call(`/api/sharing/agreements/${all}/endings`, admin, { method: 'POST' })
    expect(await outcome(['address'])).toBe('SHARING_NOT_ENTITLED')
    expect(await outcome([])).toEqual(['name', 'operator'])
  })

  it('fill a form from the licence that an older one is about, whatever another provider agreed since', async () => {
    const { typeCode, holderCode } = holdOne()
    await agree(typeCode, ['address'])
    await agree(typeCode, ['operator'], { provider: other })
    const map = { fields: [{ formField: 'where', typeCode, field: 'address' }] }
    await world.call(`/api/sharing/prefill-maps/F${number}`, admin, { method: 'PUT', body: map })
    const filled = await ask('prefills', { formCode: `F${number}`, holderCode })
    expect(filled.json.values).toEqual({ where: 'value of address' })
    expect(filled.json.missing).toEqual([])
  })

  it('that ended keep none that stands from counting, however many were decided after it', async () => {
    const { typeCode, identifier } = holdOne()
    const kept = await agree(typeCode, ['address'])
    await world.database.query(
      `insert into sharing.agreements (agreement_id, provider_code, consumer_code, type_code, matter_codes, legal_basis, valid_from,
         valid_until, daily_uses, daily_holders, state, proposed_by, proposed_at, request_key, request_digest, decided_by, decided_at,
         ended_by, ended_at)
       select gen_random_uuid(), provider_code, consumer_code, type_code, matter_codes, legal_basis, valid_from,
         valid_until, daily_uses, daily_holders, 'ended', proposed_by, proposed_at, 'later ' || n, request_digest, decided_by,
         decided_at + interval '1 hour', 'x', decided_at + interval '2 hours'
       from sharing.agreements, generate_series(1, 250) n where agreement_id = $1`,
      [kept],
    )
    const outcome = async () => {
      const { status, json } = await ask('data', { identifier })
      return status === 200 ? Object.keys(json.fields) : json.code
    }
    expect(await outcome()).toEqual(['address'])
    await world.call(`/api/sharing/agreements/${kept}/endings`, admin, { method: 'POST' })
    expect(await outcome()).toBe('SHARING_AGREEMENT_ENDED')
  })

  it('that stand together and end while the licence is read keep back what either gave', async () => {
    const { typeCode, identifier } = holdOne()
    await agree(typeCode, ['address'])
    const second = await agree(typeCode, ['operator'])
    world.held.meanwhile = () => world.call(`/api/sharing/agreements/${second}/endings`, admin, { method: 'POST' })
    const refused = await ask('data', { identifier, fields: ['address', 'operator'] })
    world.held.meanwhile = async () => undefined
    expect(refused.json.code).toBe('SHARING_AGREEMENT_ENDED')
    expect((await ask('data', { identifier, fields: ['address'] })).status).toBe(200)
  })
})
