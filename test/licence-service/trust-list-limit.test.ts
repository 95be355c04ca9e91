// A trust list that grows beyond what its readers take: it is told of long before, and never takes the place of one that they read.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { creditCodeCheckCharacter, parseStatusList, parseTrustList } from '../../licence-format/index.ts'
import type { DepartmentFact } from '../../licence-service/index.ts'
import { createMetrics } from '../../platform/http/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, departments } from '../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse } from './life/life-house.ts'

/** Names as long as readers take stand for the many departments that would make as long a list: some 320 kB each. */
const longName = { zh: '局'.repeat(20_000), en: '局'.repeat(20_000) }
const bureaux = Array.from({ length: 28 }, (_, number): DepartmentFact => {
  const start = `11330199MC${String(number).padStart(7, '0')}`
  return { code: start + creditCodeCheckCharacter(start), name: longName }
})

describe.each(engines)('a trust list that grows, on $name', (engine) => {
  let life: LifeHouse
  let listed: readonly DepartmentFact[] = []
  const metrics = createMetrics()
  beforeAll(async () => {
    life = await createLifeHouse(engine, { departments: () => [...departments, ...listed], metrics })
    const system = { id: 'system', kind: 'system', departmentCode: departments[0].code } as const
    const assignments = bureaux.map(({ code }) => ({ typeCode: businessLicence, departmentCode: code, sealId: 'seal' }))
    await life.house.licences.assignTypes(system, assignments)
  })
  afterAll(() => life?.close())

  const list = () => life.house.licences.trustList()
  const lines = (words: string) => life.house.logLines.filter((line) => line.includes(words))
  const filled = async () => Number(/^trust_list_filled (\S+)$/m.exec((await metrics.text()).text)?.[1])

  it('is told of once it is half as long as its readers take', async () => {
    expect(await filled()).toBeLessThan(0.1)
    expect(lines('more than half')).toHaveLength(0)
    listed = bureaux.slice(0, 14)
    await life.house.licences.publishLists()
    expect(parseTrustList(await list()).list.entities).toHaveLength(17)
    expect(lines('more than half').length).toBeGreaterThan(0)
    expect(await filled()).toBeGreaterThan(0.5)
  })

  it('stays as it was where its readers would refuse it, and the failure is told', async () => {
    const before = await list()
    listed = bureaux
    await expect(life.house.licences.publishLists()).rejects.toMatchObject({ code: 'JWS_TOO_LARGE' })
    expect(await list()).toBe(before)
    await vi.waitFor(() => expect(lines('publishing the lists failed')).not.toHaveLength(0), { timeout: 20_000 })
  })

  it('keeps neither licences from being issued nor status lists from being signed meanwhile', async () => {
    const statusListSignedAt = async () =>
      parseStatusList(await life.house.licences.statusList(0)).then(({ issuedAt }) => issuedAt.getTime())
    await life.issue()
    const before = await statusListSignedAt()
    life.house.clock.advance(8 * HOUR)
    await expect(life.house.licences.publishLists()).rejects.toMatchObject({ code: 'JWS_TOO_LARGE' })
    expect(await statusListSignedAt()).toBeGreaterThan(before)
  })

  it('is signed again as soon as it is one that they read', async () => {
    const before = parseTrustList(await list()).list
    listed = []
    await life.house.licences.publishLists()
    const after = parseTrustList(await list()).list
    expect(after.sequenceNumber).toBeGreaterThan(before.sequenceNumber)
    expect(after.entities).toHaveLength(3)
    expect(await filled()).toBeLessThan(0.1)
  })
})
