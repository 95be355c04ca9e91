// A compromise carried through by both services as they are: the seal service orders, the licence service makes the successors.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revokerOf } from '../../bin/pki-ports.ts'
import { mayRoles } from '../../directory/index.ts'
import type { Principal } from '../../platform/index.ts'
import type { People } from '../../seal-service/index.ts'
import { listTemplates } from '../../templates/index.ts'
import { createLifeHouse, HOUR, type LifeHouse } from '../licence-service/life/life-house.ts'
import { engines } from '../support/engines.ts'
import { clerk, departments, type House, type Wraps } from '../support/service.ts'

const sealReviewer: Principal = { ...clerk, id: 'seal-reviewer', roles: ['seal-reviewer'] }
const people: People = {
  isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
  mayNow: async ({ roles }, permission) => mayRoles(roles, permission),
  requireStepUp: async () => undefined,
  keepersOf: async () => [],
  department: async () => ({ name: departments[0].name.zh, closedAt: null, successorCode: null }),
  closedDepartments: async () => new Map(),
}

for (const engine of engines)
  describe(`sealing anew by both services on ${engine.name}`, { timeout: 60_000 }, () => {
    let life: LifeHouse
    /** Another process of both services. */
    let beside: House
    let sealId: string
    let newSealId: string
    beforeAll(async () => {
      const wraps: Wraps = { sealDeps: (pki) => ({ people, revokeCertificate: revokerOf(pki) }) }
      life = await createLifeHouse(engine, wraps)
      beside = await life.house.reopen(wraps)
      const { seals } = life.house
      sealId = (await seals.seals(clerk.departmentCode))[0]!.id
      const name = '云汀市市场监督管理局登记专用章'
      const made = await seals.makeSeal({
        ...{ departmentCode: clerk.departmentCode, departmentName: departments[0].name.zh, name },
        ...{ ringText: departments[0].name.zh, lowerText: '登记专用章', diameterMm: 42 },
        ...{ typeCodes: listTemplates().map(({ typeCode }) => typeCode), callerId: 'test', keyAlgorithm: 'ec-p256' },
      })
      newSealId = made.id
    }, 120_000)
    afterAll(async () => {
      await beside?.close()
      await life?.close()
    })

    const copyOf = (identifier: string) =>
      life.house.licences.copies.make(clerk, {
        ...{ identifier, purpose: '办理食品经营许可', fields: ['name'], key: `copy of ${identifier}` },
        recipient: { name: departments[1].name.zh, code: departments[1].code },
        expiresAt: new Date(life.house.clock.now().getTime() + 30 * 24 * HOUR),
      })
    const order = (resealId: string) => life.house.seals.ledger.reseal(sealReviewer, resealId)
    const begin = async (resealId: string) =>
      expect((await life.call('POST', `/api/licence-reseals/${resealId}`)).status).toBe(202)
    const work = async (resealId: string) => {
      for (let round = 0; round < 10; round++) {
        await Promise.all([life.house, beside].map(({ licences }) => licences.workResealsOff()))
        if ((await life.call('GET', `/api/licence-reseals/${resealId}`)).json.endedAt !== null) return
      }
    }
    const usesOf = (identifier: string) =>
      life.house.database.query<{ seal_id: string }>(
        `select seal_id from seal.seal_uses where identifier = $1 and phase = 'sealed'`,
        [identifier],
      )

    it('gives each licence in doubt one successor under the other seal, copies among its uses, and both know when all is done', async () => {
      const { seals, clock } = life.house
      const earlier = await life.issue()
      const cancelled = await life.issue()
      clock.advance(HOUR)
      const since = clock.now()
      clock.advance(HOUR)
      const doubtful = [await life.issue(), await life.issue()]
      const ended = await life.issue()
      const copy = await copyOf(doubtful[0]!.identifier)
      await life.act({ identifier: ended.identifier, action: 'cancel', cause: 'ended', reason: '终止' })
      await life.act({ identifier: cancelled.identifier, action: 'cancel', cause: 'ended', reason: '终止' })
      await seals.ledger.link()
      const report = { sealId, since, reason: '密钥介质失窃', legalBasis: '云印〔2026〕9号' }
      expect(await seals.ledger.reportCompromise(sealReviewer, report)).toMatchObject({
        ...{ state: 'revoked', counts: { earlier: 2, doubtful: 4 }, certificatesElsewhere: 0 },
      })
      const { resealId } = await seals.ledger.startReseal(sealReviewer, { sealId, newSealId })
      await begin(resealId)
      await work(resealId)
      const progress = (await life.call('GET', `/api/licence-reseals/${resealId}`)).json
      expect(progress.refused).toMatchObject([{ identifier: ended.identifier, fault: 'LICENCE_TRANSITION_REFUSED' }])
      expect(progress).toMatchObject({ done: 3, endedAt: expect.any(String) })
      for (const { identifier, number } of doubtful) {
        const old = await life.read(identifier)
        const next = await life.read(old.replacedBy)
        expect(next).toMatchObject({ number, status: 'in force', data: { fields: old.data.fields } })
        expect(next.history.at(-1)).toMatchObject({ cause: 'reseal' })
        expect(await usesOf(next.identifier)).toEqual([{ seal_id: newSealId }])
      }
      expect((await life.house.licences.copies.status(doubtful[0]!.identifier, copy.copyId)).status).not.toBe(
        'in force',
      )
      expect((await life.read(earlier.identifier)).replacedBy).toBeNull()
      expect(await order(resealId)).toMatchObject({ counts: { waiting: 1, done: 3, givenUp: 0 }, endedAt: null })
      const { items } = await seals.ledger.resealItems(sealReviewer, resealId, { after: null, limit: 10 })
      expect(items.map(({ identifier }) => identifier)).toEqual([ended.identifier])
      const given = { resealId, useId: items[0]!.useId, reason: '证照已注销' }
      expect(await seals.ledger.giveUp(sealReviewer, given)).toMatchObject({ endedAt: clock.now() })
      await begin(resealId)
      await work(resealId)
      expect((await life.call('GET', `/api/licence-reseals/${resealId}`)).json).toMatchObject({ done: 3, refused: [] })
    })
  })
