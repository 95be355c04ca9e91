import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { market } from '../world.ts'
import { createLifeWorld, type LifeWorld, people } from './life-world.ts'

const further = [`${market.code}902`, `${market.code}901`]
const order = { action: 'order-types', typeCodes: further, reason: '新设证照类型' } as const
const give = { action: 'change-types', typeCodes: further } as const

describe.each(engines)('further licence types for a seal in use on $name', ({ open }) => {
  let house: LifeWorld
  beforeAll(async () => {
    house = await createLifeWorld(await open())
  })
  afterAll(() => house.close())

  const typesOf = async (id: string) => (await house.service.life.read(people.applicant, id)).seal.typeCodes

  it('are asked for by its owner and given by a reviewer as read, on record with both', async () => {
    const id = await house.bring('active')
    const before = await typesOf(id)
    await house.act(people.applicant, id, { ...order, legalBasis: '《条例》第三条' })
    expect(await typesOf(id)).toEqual(before)
    const tasks = await house.service.life.tasks(people.reviewer)
    expect(tasks.find(({ seal }) => seal.id === id)?.actions).toEqual(['change-types', 'refuse-types'])
    await rejectsWithCode(
      house.act(people.reviewer, id, { ...give, typeCodes: further.slice(1) }),
      'SEAL_APPLICATION_CHANGED',
    )
    await house.act(people.reviewer, id, give)
    expect(await typesOf(id)).toEqual([...before, ...further].sort())
    const { timeline } = await house.service.life.read(people.applicant, id)
    expect(timeline.slice(-2).map(({ action, callerId }) => [action, callerId])).toEqual([
      ['order-types', 'applicant'],
      ['change-types', 'reviewer'],
    ])
    expect(timeline.at(-1)?.detail).toMatchObject({ added: further.toSorted(), orderedBy: 'applicant' })
    expect((await house.service.life.tasks(people.reviewer)).some(({ seal }) => seal.id === id)).toBe(false)
  })

  it('are given by nobody who asked for them, by no other role and to no seal out of use', async () => {
    const id = await house.bring('active')
    await rejectsWithCode(house.act(people.keeper, id, order), 'SEAL_ROLE_MISSING')
    await rejectsWithCode(house.act(people.otherApplicant, id, order), 'SEAL_NOT_FOUND')
    await rejectsWithCode(house.act(people.reviewer, id, give), 'SEAL_TYPES_NOT_ORDERED')
    await house.act(people.everything, id, order)
    await rejectsWithCode(house.act(people.applicant, id, order), 'SEAL_TYPES_ORDERED')
    await rejectsWithCode(house.act(people.everything, id, give), 'SEAL_SAME_PERSON')
    await rejectsWithCode(house.act(people.applicant, id, give), 'SEAL_ROLE_MISSING')
    house.unconfirmed.add('reviewer')
    await rejectsWithCode(house.act(people.reviewer, id, give), 'STEP_UP_REQUIRED')
    house.unconfirmed.delete('reviewer')
    await house.act(people.reviewer, id, { action: 'collect', reason: '收回' })
    await rejectsWithCode(house.act(people.reviewer, id, give), 'SEAL_TRANSITION_FORBIDDEN')
    await rejectsWithCode(house.act(people.applicant, await house.bring('issued'), order), 'SEAL_TRANSITION_FORBIDDEN')
  })

  it('that were refused can be asked for again; those it has are no further ones', async () => {
    const id = await house.bring('active')
    await rejectsWithCode(
      house.act(people.applicant, id, { ...order, typeCodes: market.typeCodes }),
      'SEAL_STEP_INVALID',
    )
    await house.act(people.applicant, id, order)
    await house.act(people.reviewer, id, { action: 'refuse-types', reason: '类型尚未发布' })
    await rejectsWithCode(house.act(people.reviewer, id, give), 'SEAL_TYPES_NOT_ORDERED')
    await house.act(people.applicant, id, order)
    await house.act(people.reviewer2, id, give)
    expect(await typesOf(id)).toEqual(expect.arrayContaining(further))
  })

  it('are decided once by however many decide at once', async () => {
    const id = await house.bring('active')
    await house.act(people.applicant, id, order)
    const decided = await Promise.allSettled([
      house.act(people.reviewer, id, give),
      house.act(people.reviewer2, id, give),
      house.act(people.reviewer2, id, { action: 'refuse-types', reason: '重复' }),
    ])
    expect(decided.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const actions = await house.actionsOf(id)
    expect(actions.filter((action) => action === 'change-types' || action === 'refuse-types')).toHaveLength(1)
  })

  it('stand after a restart: another process gives what was asked for before', async () => {
    const id = await house.bring('active')
    await house.act(people.applicant, id, order)
    const later = house.another()
    await later.life.act(people.reviewer, id, give)
    expect((await later.life.read(people.applicant, id)).seal.typeCodes).toEqual(expect.arrayContaining(further))
  })
})
