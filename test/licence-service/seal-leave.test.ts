import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Principal } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, exampleOf, type House, openHouse } from '../support/service.ts'

const keeper: Principal = { ...clerk, id: 'keeper', roles: ['seal-keeper'] }
const approver: Principal = { ...clerk, id: 'approver', roles: ['seal-approver'] }

describe.each(engines)('licences whose seal is given with limits, on $name', ({ open }) => {
  let house: House
  let sealId: string
  beforeAll(async () => {
    house = await openHouse(await open())
    sealId = (await house.seals.seals(clerk.departmentCode))[0]!.id
  })
  afterAll(() => house.close())

  const allowOnly = async (changed: { readonly perDay?: number; readonly needsSecondPerson?: boolean } | null) => {
    const { uses } = house.seals
    for (const { id, ended } of await uses.authorisations(keeper, sealId))
      if (ended === null) await uses.endAuthorisation(keeper, { sealId, authorisationId: id, reason: 'test' })
    if (changed === null) return
    await uses.authorise(keeper, {
      sealId,
      delegatedFrom: null,
      terms: {
        ...{ grantee: { kind: 'role', id: 'issuer' }, purposes: ['licences'], perDay: null, perMinute: null },
        ...{ from: null, until: null, needsSecondPerson: false },
        ...changed,
      },
      once: { key: JSON.stringify(changed), requestDigest: createHash('sha256').update('x').digest() },
    })
  }
  const mint = (keys: readonly string[]) =>
    house.licences.issueLicences(
      clerk,
      keys.map((key) => ({ key, typeCode: businessLicence, data: exampleOf(), level: 'B-B' })),
    )
  const codesOf = (outcomes: Awaited<ReturnType<typeof mint>>) =>
    outcomes.map((outcome) => (outcome.ok ? 'issued' : (outcome.error as { code: string }).code))

  it('are issued as far as the quota reaches; the others stay prepared and follow the next day', async () => {
    await allowOnly({ perDay: 3 })
    const keys = ['a', 'b', 'c', 'd', 'e']
    const first = await mint(keys)
    expect(codesOf(first).toSorted()).toEqual([...Array(2).fill('SEAL_QUOTA_EXHAUSTED'), ...Array(3).fill('issued')])
    expect(first.some((outcome) => !outcome.ok && outcome.ended)).toBe(false)
    house.clock.advance(86_400_000)
    const second = await mint(keys)
    expect(codesOf(second)).toEqual(keys.map(() => 'issued'))
    const known = first.flatMap((outcome) => (outcome.ok ? [outcome.licence.identifier] : []))
    expect(second.flatMap((outcome) => (outcome.ok ? [outcome.licence.identifier] : []))).toEqual(
      expect.arrayContaining(known),
    )
  })

  it('wait for a second person, who sees the page, and are issued when asked for again', async () => {
    await allowOnly({ needsSecondPerson: true })
    expect(codesOf(await mint(['f']))).toEqual(['SEAL_SECOND_PERSON_AWAITED'])
    const [waiting] = await house.seals.uses.useRequests(clerk.departmentCode, { open: true })
    const page = await house.seals.uses.waitingDocument(approver, waiting!.id)
    expect(Buffer.from(page.subarray(0, 5)).toString()).toBe('%PDF-')
    expect(codesOf(await mint(['f']))).toEqual(['SEAL_SECOND_PERSON_AWAITED'])
    const digest = createHash('sha256').update(page).digest('hex')
    const decision = { requestId: waiting!.id, decision: 'approved', digest, reason: null } as const
    await house.seals.uses.decideUse(approver, decision)
    expect(codesOf(await mint(['f']))).toEqual(['issued'])
  })

  it('are refused for good where nobody may use the seal', async () => {
    await allowOnly(null)
    const [outcome] = await mint(['g'])
    expect(outcome).toMatchObject({ ok: false, ended: true, error: { code: 'SEAL_NOT_AUTHORISED' } })
  })
})
