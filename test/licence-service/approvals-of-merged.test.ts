// Cases that wait when their department is merged into another: the successor has them in hand.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIdentifier } from '../../licence-format/index.ts'
import type { DepartmentFact } from '../../licence-service/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, otherClerk } from '../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse } from './life/life-house.ts'

const [trade, market] = departments

describe.each(engines)('cases of a department that is merged into another on $name', (engine) => {
  let life: LifeHouse
  let closedAt: Date | null = null
  const facts = (): DepartmentFact[] => [{ ...trade, closedAt, successorCode: market.code }, market]
  beforeAll(async () => {
    life = await createLifeHouse(engine, { departments: facts })
    for (const caseNumber of ['BJ-1', 'BJ-2', 'BJ-3']) await submit(caseNumber, clerk)
  })
  afterAll(() => life.close())

  async function submit(caseNumber: string, person: typeof clerk) {
    const { name, creditCode } = life.example() as Record<string, string>
    const body = {
      ...{ caseNumber, itemCode: '000131001000', applicant: { name, code: creditCode } },
      ...{ decidedAt: life.house.clock.now(), typeCode: businessLicence, data: life.example() },
    }
    expect(
      (await life.call('POST', '/api/approvals', { person, key: `${person.id}-${caseNumber}`, body })).status,
    ).toBe(202)
  }
  const listed = async (person: typeof clerk) =>
    (await life.call('GET', '/api/approvals', { person })).json.items.map(
      ({ caseNumber, state }: { caseNumber: string; state: string }) => [caseNumber, state],
    )
  let asked = 0
  const answer = (caseNumber: string, what: 'licences' | 'refusals') =>
    life.call('POST', `/api/approvals/${caseNumber}/${what}`, {
      ...{ person: otherClerk, key: `answer-${++asked}` },
      body: { typeCode: businessLicence, ...(what === 'refusals' && { reason: '不予制证' }) },
    })

  it('are nobody else’s while it is open', async () => {
    closedAt = new Date(life.house.clock.now().getTime() + HOUR)
    expect(await listed(otherClerk)).toEqual([])
    for (const what of ['licences', 'refusals'] as const)
      expect((await answer('BJ-1', what)).json.code).toBe('CASE_NOT_FOUND')
  })

  it('are the successor’s from then on: read, issued under its own name, or refused', async () => {
    life.house.clock.advance(2 * HOUR)
    await life.house.licences.takeOverTypes()
    expect(await listed(otherClerk)).toHaveLength(3)
    expect((await life.call('GET', '/api/approvals/BJ-1', { person: otherClerk })).json.items).toHaveLength(1)
    const issued = await answer('BJ-1', 'licences')
    expect(issued).toMatchObject({ status: 201, json: { state: 'issued' } })
    expect(parseIdentifier(issued.json.identifier).issuerCode).toBe(market.code)
    expect((await answer('BJ-1', 'licences')).json.identifier).toBe(issued.json.identifier)
    expect((await answer('BJ-2', 'refusals')).json).toMatchObject({ state: 'refused' })
    const acts = await life.house.database.query(
      `select action, department_code as department from licence.audit_records where action in ('issue-case', 'refuse-case') order by at, action`,
    )
    expect(acts).toEqual([
      { action: 'issue-case', department: market.code },
      { action: 'refuse-case', department: market.code },
    ])
  })

  it('make a licence of their own beside the successor’s case of the same number, which comes first', async () => {
    await submit('BJ-3', otherClerk)
    const first = await answer('BJ-3', 'licences')
    const { items } = (await life.call('GET', '/api/approvals/BJ-3', { person: otherClerk })).json
    expect(items.map(({ state }: { state: string }) => state)).toEqual(['waiting', 'issued'])
    const inherited = { departmentCode: trade.code, caseNumber: 'BJ-3', typeCode: businessLicence }
    const second = await life.house.licences.approvals.issue(otherClerk, inherited)
    expect(second.state).toBe('issued')
    expect(second.identifier).not.toBe(first.json.identifier)
  })
})
