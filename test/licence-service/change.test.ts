import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  getStatus,
  parseIdentifier,
  parseStatusList,
  parseTrustList,
  verifyStatusList,
  verifyTrustList,
} from '../../licence-format/index.ts'
import type { IssuedLicence } from '../../licence-service/index.ts'
import { engines } from '../support/engines.ts'
import {
  businessLicence,
  clerk,
  departments,
  exampleOf,
  type House,
  openHouse,
  otherClerk,
} from '../support/service.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const MINUTE = 60_000

for (const engine of engines)
  describe(`changing licences on ${engine.name}`, () => {
    let house: House
    let count = 0
    beforeAll(async () => {
      house = await openHouse(await engine.open())
    })
    afterAll(() => house.close())

    const issue = async (data = exampleOf()): Promise<IssuedLicence> => {
      const [outcome] = await house.licences.issueLicences(clerk, [
        { key: `change ${++count}`, typeCode: businessLicence, data },
      ])
      if (!outcome?.ok) throw new Error('not issued', { cause: outcome?.error })
      return outcome.licence
    }
    const replace = (identifier: string, data = exampleOf(), effectiveAt?: Date) =>
      house.licences.replace(clerk, {
        key: `change ${++count}`,
        typeCode: businessLicence,
        data,
        replaces: { identifier, reason: '换发', effectiveAt },
      })
    const statusOf = async (identifier: string, asOf?: Date) =>
      (await house.licences.readStatus(identifier, asOf)).status
    const trust = () => ({ anchors: house.pki.anchors(), at: house.clock.now() })
    const listedStatus = async (identifier: string) => {
      await house.licences.publishLists()
      const [row] = await house.database.query<{ list: number; place: number }>(
        'select status_list as list, status_place as place from licence.licences where identifier = $1',
        [identifier],
      )
      const { list } = await verifyStatusList(await house.licences.statusList(row!.list), trust())
      return getStatus(list, row!.place)
    }

    it('suspends, restores and revokes, in register and status list alike', async () => {
      const { identifier } = await issue()
      expect(await listedStatus(identifier)).toBe(0)
      house.clock.advance(MINUTE)
      expect(await house.licences.suspend(clerk, { identifier, reason: '待核查' })).toMatchObject({
        status: 'suspended',
      })
      expect([await statusOf(identifier), await listedStatus(identifier)]).toEqual(['suspended', 2])
      house.clock.advance(MINUTE)
      await house.licences.restore(clerk, { identifier, reason: '核查无误' })
      expect([await statusOf(identifier), await listedStatus(identifier)]).toEqual(['in force', 0])
      house.clock.advance(MINUTE)
      await house.licences.revoke(clerk, { identifier, reason: '依法吊销' })
      expect([await statusOf(identifier), await listedStatus(identifier)]).toEqual(['revoked', 1])
    })

    it('answers as of any instant since the licence was made', async () => {
      const start = house.clock.now().getTime()
      const { identifier } = await issue()
      house.clock.advance(10 * MINUTE)
      await house.licences.suspend(clerk, { identifier, reason: '暂扣', effectiveAt: new Date(start + 4 * MINUTE) })
      expect(await statusOf(identifier, new Date(start - MINUTE))).toBe('unknown')
      expect(await statusOf(identifier, new Date(start + 2 * MINUTE))).toBe('in force')
      expect(await statusOf(identifier, new Date(start + 5 * MINUTE))).toBe('suspended')
      await rejectsWithCode(
        house.licences.readStatus(identifier, new Date(start + 60 * MINUTE)),
        'LICENCE_AS_OF_IN_FUTURE',
      )
    })

    it('keeps both times of a change, and refuses effective times that contradict the history', async () => {
      const issuedAt = house.clock.now()
      const { identifier } = await issue()
      house.clock.advance(10 * MINUTE)
      const effectiveAt = new Date(issuedAt.getTime() + MINUTE)
      expect(await house.licences.suspend(clerk, { identifier, reason: '暂扣', effectiveAt })).toMatchObject({
        effectiveAt,
        recordedAt: house.clock.now(),
      })
      const earlier = new Date(issuedAt.getTime() + MINUTE / 2)
      await rejectsWithCode(
        house.licences.restore(clerk, { identifier, reason: '恢复', effectiveAt: earlier }),
        'LICENCE_EFFECTIVE_TIME_REFUSED',
      )
      const later = new Date(house.clock.now().getTime() + 60 * MINUTE)
      await rejectsWithCode(
        house.licences.restore(clerk, { identifier, reason: '恢复', effectiveAt: later }),
        'LICENCE_EFFECTIVE_TIME_REFUSED',
      )
    })

    it('refuses transitions that the table does not have', async () => {
      const { identifier } = await issue()
      await rejectsWithCode(house.licences.restore(clerk, { identifier, reason: '恢复' }), 'LICENCE_TRANSITION_REFUSED')
      await house.licences.revoke(clerk, { identifier, reason: '吊销' })
      await rejectsWithCode(house.licences.suspend(clerk, { identifier, reason: '暂扣' }), 'LICENCE_TRANSITION_REFUSED')
      expect(await replace(identifier)).toMatchObject({ ok: false, error: { code: 'LICENCE_TRANSITION_REFUSED' } })
    })

    it('lets one of many suspensions at once pass', async () => {
      const { identifier } = await issue()
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () => house.licences.suspend(clerk, { identifier, reason: '暂扣' })),
      )
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('hides the licences of a department from the others', async () => {
      const { identifier } = await issue()
      await rejectsWithCode(house.licences.suspend(otherClerk, { identifier, reason: '越权' }), 'LICENCE_NOT_FOUND')
      const request = {
        key: 'theft',
        typeCode: businessLicence,
        data: exampleOf(),
        replaces: { identifier, reason: '越权' },
      }
      expect(await house.licences.replace(otherClerk, request)).toMatchObject({
        ok: false,
        error: { code: 'LICENCE_NOT_FOUND' },
      })
    })

    it('replaces by the next version of the same serial, linked both ways, with the old one superseded', async () => {
      const old = await issue()
      house.clock.advance(MINUTE)
      const outcome = await replace(old.identifier, { ...exampleOf(), address: '云汀市望江区新址路 1 号' })
      if (!outcome.ok) throw outcome.error
      const next = outcome.licence
      const [before, after] = [parseIdentifier(old.identifier), parseIdentifier(next.identifier)]
      expect(after).toMatchObject({ serial: before.serial, version: 2 })
      expect(next.number).toBe(old.number)
      expect(await house.licences.readStatus(old.identifier)).toMatchObject({
        status: 'superseded',
        replacedBy: next.identifier,
      })
      expect(await house.licences.readStatus(next.identifier)).toMatchObject({
        status: 'in force',
        replaces: old.identifier,
      })
      expect([await listedStatus(old.identifier), await listedStatus(next.identifier)]).toEqual([3, 0])
    })

    it('lets one of many replacements at once pass', async () => {
      const { identifier } = await issue()
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => replace(identifier)))
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
      const versions = await house.database.query('select version from licence.licences where serial = $1', [
        parseIdentifier(identifier).serial,
      ])
      expect(versions).toHaveLength(2)
    })

    it('refuses another holder, a suspended licence and a version beyond 999', async () => {
      const { identifier } = await issue()
      const stranger = { ...exampleOf(), creditCode: departments[1].code }
      expect(await replace(identifier, stranger)).toMatchObject({
        ok: false,
        error: { code: 'LICENCE_HOLDER_DIFFERS' },
      })
      await house.database.query('update licence.licences set version = 999 where identifier = $1', [identifier])
      expect(await replace(identifier)).toMatchObject({ ok: false, error: { code: 'LICENCE_VERSIONS_EXHAUSTED' } })
      await house.licences.suspend(clerk, { identifier, reason: '暂扣' })
      expect(await replace(identifier)).toMatchObject({ ok: false, error: { code: 'LICENCE_TRANSITION_REFUSED' } })
    })

    it('publishes an empty status list and a trust list before the first licence', async () => {
      const empty = await openHouse(await engine.open())
      const anchors = { anchors: empty.pki.anchors(), at: empty.clock.now() }
      const { list } = await verifyStatusList(await empty.licences.statusList(0), anchors)
      expect(list.bytes.every((byte) => byte === 0)).toBe(true)
      const listed = await verifyTrustList(await empty.licences.trustList(), anchors)
      expect(listed.entities.map(({ code }) => code)).toEqual([null, ...departments.map(({ code }) => code)])
      await rejectsWithCode(empty.licences.statusList(7), 'STATUS_LIST_NOT_FOUND')
      await empty.close()
    })

    it('says in the trust list who may issue what, with keys for seal, statement, lists and time stamps', async () => {
      const list = await verifyTrustList(await house.licences.trustList(), trust())
      const issuer = list.entities.find(({ code }) => code === departments[0].code)!
      expect(issuer.entitlements.map(({ typeCode }) => typeCode)).toContain(businessLicence)
      expect(issuer.services.map(({ kind }) => kind).sort()).toEqual(['seal', 'statement'])
      const operator = list.entities.find(({ code }) => code === null)!
      expect(operator.services.map(({ kind }) => kind).sort()).toEqual(['status-list', 'time-stamp', 'trust-list'])
    })

    it('signs the trust list anew only when it says something new, under a higher number', async () => {
      const before = await house.licences.trustList()
      await house.licences.publishLists()
      expect(await house.licences.trustList()).toBe(before)
      const [seal] = await house.seals.seals(departments[0].code)
      house.clock.advance(MINUTE)
      const change = (action: 'suspend' | 'restore') =>
        house.seals.changeSealState({ sealId: seal!.id, action, reason: 'test', callerId: 'test' })
      await change('suspend')
      await house.licences.publishLists()
      const after = await house.licences.trustList()
      expect(parseTrustList(after).list.sequenceNumber).toBeGreaterThan(parseTrustList(before).list.sequenceNumber)
      house.clock.advance(MINUTE)
      await change('restore')
      await house.licences.publishLists()
    })

    it('signs a status list anew when it changed or grew old, and not otherwise', async () => {
      await house.licences.publishLists()
      const before = await house.licences.statusList(0)
      await house.licences.publishLists()
      expect(await house.licences.statusList(0)).toBe(before)
      house.clock.advance(7 * 60 * MINUTE)
      await house.licences.publishLists()
      expect(await house.licences.statusList(0)).not.toBe(before)
    })

    it('signs both lists anew once a clock that was ahead is right again, and then no more', async () => {
      house.clock.advance(30 * 24 * 60 * MINUTE)
      await house.licences.publishLists()
      house.clock.advance(-30 * 24 * 60 * MINUTE)
      await house.licences.publishLists()
      const trustList = await house.licences.trustList()
      const statusList = await house.licences.statusList(0)
      const at = house.clock.now().getTime()
      expect(parseTrustList(trustList).list.issuedAt.getTime()).toBeLessThanOrEqual(at)
      expect((await parseStatusList(statusList)).issuedAt.getTime()).toBeLessThanOrEqual(at)
      await house.licences.publishLists()
      expect(await house.licences.trustList()).toBe(trustList)
      expect(await house.licences.statusList(0)).toBe(statusList)
    })
  })
