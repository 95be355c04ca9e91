import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIdentifier, verifyTrustList } from '../../../licence-format/index.ts'
import type { DepartmentFact, IssuedLicence } from '../../../licence-service/index.ts'
import { engines } from '../../support/engines.ts'
import { businessLicence, departments, otherClerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse } from './life-house.ts'

const [trade, market] = departments

for (const engine of engines)
  describe(`licences of a department that is merged into another on ${engine.name}`, () => {
    let life: LifeHouse
    let closedAt: Date | null = null
    let old: IssuedLicence
    const facts = (): DepartmentFact[] => [{ ...trade, closedAt, successorCode: market.code }, market]
    beforeAll(async () => {
      life = await createLifeHouse(engine, { departments: facts })
      old = await life.issue()
      await life.issue()
    })
    afterAll(() => life.close())

    const suspend = () =>
      life.act({ identifier: old.identifier, action: 'suspend', reason: '核查', legalBasis: '条例第五条' }, otherClerk)

    it("are the old department's until its last day", async () => {
      closedAt = new Date(life.house.clock.now().getTime() + 24 * HOUR)
      expect((await suspend()).status).toBe(404)
      expect((await life.call('GET', `/api/licences/${old.identifier}`, { person: otherClerk })).status).toBe(404)
    })

    it("are the successor's from then on: read, suspended, restored", async () => {
      life.house.clock.advance(25 * HOUR)
      expect((await life.call('GET', `/api/licences/${old.identifier}`, { person: otherClerk })).status).toBe(200)
      expect(await suspend()).toMatchObject({ status: 201, json: { status: 'suspended' } })
      const restore = { identifier: old.identifier, action: 'restore', reason: '核查无误' }
      expect((await life.act(restore, otherClerk)).status).toBe(201)
      const { json } = await life.call('GET', '/api/licences', { person: otherClerk })
      expect(json.items.map(({ identifier }: { identifier: string }) => identifier)).toContain(old.identifier)
    })

    it('give the successor their types, and the trust list says until when the old one had them', async () => {
      expect(await life.house.licences.takeOverTypes()).toBeGreaterThan(1)
      expect(await life.house.licences.takeOverTypes()).toBe(0)
      const trust = { anchors: life.house.pki.anchors(), at: life.house.clock.now() }
      const list = await verifyTrustList(await life.house.licences.trustList(), trust)
      const entitled = (code: string) =>
        list.entities
          .find((one) => one.code === code)!
          .entitlements.find(({ typeCode }) => typeCode === businessLicence)
      expect(entitled(trade.code)).toMatchObject({ state: 'withdrawn', until: closedAt })
      expect(entitled(market.code)).toMatchObject({ state: 'granted', until: null })
    })

    it('are copied by the successor, and for those who fetch them', async () => {
      await life.house.licences.publishLists()
      const expiresAt = new Date(life.house.clock.now().getTime() + 24 * HOUR)
      const recipient = { name: '云汀银行' }
      const order = { identifier: old.identifier, fields: ['name'], purpose: '办理贷款', recipient, expiresAt }
      const made = await life.call('POST', '/api/copies', { person: otherClerk, key: 'after-merger', body: order })
      expect(made).toMatchObject({ status: 201, json: { status: 'in force' } })
      const reader = { id: 'reader', kind: 'machine', departmentCode: market.code, matterCode: 'M-1' } as const
      const { pdf } = await life.house.licences.shared.makeCopy({ ...order, key: 'fetched' }, reader)
      expect(pdf.length).toBeGreaterThan(0)
    })

    it('are changed by the successor into licences of its own, linked both ways', async () => {
      const change = { identifier: old.identifier, action: 'change', reason: '机构改革换证', data: life.example() }
      const changed = await life.act(change, otherClerk)
      expect(changed).toMatchObject({ status: 201, json: { status: 'superseded' } })
      const { identifier } = changed.json.successor
      expect(parseIdentifier(identifier)).toMatchObject({ issuerCode: market.code, version: 1 })
      expect(parseIdentifier(identifier).serial).not.toBe(parseIdentifier(old.identifier).serial)
      expect(await life.house.licences.readStatus(old.identifier)).toMatchObject({ replacedBy: identifier })
      expect(await life.house.licences.readStatus(identifier)).toMatchObject({
        status: 'in force',
        replaces: old.identifier,
      })
    })
  })
