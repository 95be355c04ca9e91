// Agreements of departments that were closed: they go on for those who fetch, and are their successors' to end.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { engines } from '../support/engines.ts'
import { departments, keyOf, madeUpType, openWorld, type World } from './world.ts'

const [issuer, other, consumer, stranger] = departments
const DAY = 86_400_000

describe.each(engines)('sharing, on $name', ({ open }) => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(await open())
    const admin = { department: consumer, role: 'licence-reviewer' }
    await world.call('/api/sharing/matters', admin, { body: { matterCode: 'M1', name: '事项' } })
  })
  afterAll(() => world?.close())

  it('goes by what a merged department agreed until its successor ends it', async () => {
    const type = madeUpType(1, 'conditional', ['name'], ['name'])
    const { typeCode } = type
    world.held.types.push(type)
    world.held.issuers = [issuer]
    const identifier = formatIdentifier({ typeCode, issuerCode: issuer, serial: 'M', version: 1 })
    world.held.licences.push({
      ...{ identifier, typeCode, issuerCode: issuer, issuerName: '甲局', status: 'in force', checkCode: 0 },
      ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
      ...{ statusAsOf: world.clock.now(), holderKeys: [keyOf('merged')], values: { name: '某某' } },
    })
    const reviewer = (department: string) => ({ department, role: 'licence-reviewer' })
    const validFrom = world.clock.now()
    const terms = {
      ...{ consumerCode: consumer, typeCode, matterCodes: ['M1'], fields: ['name'], legalBasis: '法' },
      ...{ validFrom, validUntil: new Date(validFrom.getTime() + 9 * DAY), dailyUses: 9, dailyHolders: 9 },
    }
    const offer = await world.call('/api/sharing/agreements', reviewer(issuer), { once: 'merged', body: terms })
    const { id } = offer.json
    const act = (department: string, what: string) =>
      world.call(`/api/sharing/agreements/${id}/${what}`, reviewer(department), { method: 'POST' })
    const fetchIt = () =>
      world.call(
        '/api/shared/data',
        { department: consumer, role: 'licence-user' },
        { body: { matterCode: 'M1', purpose: '办事', legalBasis: '法', identifier } },
      )
    const listedBy = async (department: string) =>
      (await world.call('/api/sharing/agreements', reviewer(department))).json.items.map(
        (one: { id: string }) => one.id,
      )
    await act(consumer, 'acceptances')
    world.held.merged = [
      { code: issuer, successorCode: stranger, closedAt: new Date(validFrom.getTime() + DAY) },
      { code: stranger, successorCode: other, closedAt: validFrom },
    ]
    expect((await act(other, 'endings')).json.code).toBe('AGREEMENT_NOT_FOUND')
    expect(await listedBy(other)).not.toContain(id)
    world.clock.advance(DAY)
    expect((await fetchIt()).status).toBe(200)
    expect(await listedBy(other)).toContain(id)
    expect((await act(other, 'acceptances')).json.code).toBe('AGREEMENT_NOT_FOUND')
    expect((await act(other, 'endings')).json.state).toBe('ended')
    expect((await fetchIt()).json.code).toBe('SHARING_AGREEMENT_ENDED')
  })

  it('asks the directory once, however many licences of merged departments a search finds', async () => {
    const type = madeUpType(2, 'conditional', ['name'], ['name'])
    const { typeCode } = type
    world.held.types.push(type)
    world.held.issuers = [issuer]
    const now = world.clock.now()
    world.held.merged = [{ code: other, successorCode: issuer, closedAt: now }]
    for (let number = 1; number <= 20; number++)
      world.held.licences.push({
        identifier: formatIdentifier({ typeCode, issuerCode: other, serial: `S${number}`, version: 1 }),
        ...{ typeCode, issuerCode: other, issuerName: '乙局', status: 'in force', checkCode: 0 },
        ...{ issuedOn: '2026-01-01', validFrom: '2026-01-01', validUntil: null, origin: 'issued', source: null },
        ...{ statusAsOf: now, holderKeys: [keyOf('many')], values: { name: '某某' } },
      })
    const reviewer = (department: string) => ({ department, role: 'licence-reviewer' })
    const terms = {
      ...{ consumerCode: consumer, typeCode, matterCodes: ['M1'], fields: ['name'], legalBasis: '法' },
      ...{ validFrom: now, validUntil: new Date(now.getTime() + 9 * DAY), dailyUses: 9, dailyHolders: 9 },
    }
    const offer = await world.call('/api/sharing/agreements', reviewer(issuer), { once: 'many', body: terms })
    const path = `/api/sharing/agreements/${offer.json.id}/acceptances`
    await world.call(path, reviewer(consumer), { method: 'POST' })
    world.held.asked = { departments: 0, codesWithin: 0 }
    const body = { matterCode: 'M1', purpose: '办事', legalBasis: '法', holderCode: 'many', typeCode }
    const found = await world.call('/api/shared/searches', { department: consumer, role: 'licence-user' }, { body })
    expect(found.json.items).toHaveLength(20)
    expect(world.held.asked).toEqual({ departments: 1, codesWithin: 1 })
  })
})
