import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revokerOf } from '../../../bin/pki-ports.ts'
import { x509 } from '../../../pki/index.ts'
import type { Database, Principal } from '../../../platform/index.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { createLifeWorld, type LifeWorld, people } from '../life/life-world.ts'
import { identifierOf, market, sealRequest } from '../world.ts'

const HOUR_MS = 3_600_000

describe.each(engines)('a compromised seal on $name', ({ open }) => {
  let database: Database
  let house: LifeWorld
  let service: LifeWorld['service']
  let sealId: string
  let other: string
  let since: Date
  let next = 0
  beforeAll(async () => {
    database = await open()
    house = await createLifeWorld(database)
    service = house.another({ revokeCertificate: revokerOf(house.world.pki.pki) })
    sealId = await house.bring('active')
    other = await house.bring('active')
    await use('B-T')
    await use('B-T')
    await use('B-B')
    house.world.pki.clock.advance(HOUR_MS)
    since = house.world.pki.clock.now()
    house.world.pki.clock.advance(HOUR_MS)
    await use('B-T')
  })
  afterAll(() => house.close())

  const use = (level: 'B-B' | 'B-T', id = sealId) =>
    service.sealDocuments(people.issuer, [sealRequest({ seal: { id } } as never, ++next, { level })])
  const report = (who: Principal = people.reviewer, at = since) =>
    service.ledger.reportCompromise(who, { sealId, since: at, reason: '密钥介质失窃', legalBasis: '内部规定' })
  const rows = (table: string) => database.query(`select * from seal.${table} where seal_id = $1`, [sealId])
  const affected = (who: Principal, standing?: 'earlier' | 'doubtful') =>
    service.ledger.affected(who, { sealId, ...(standing && { standing }) }, { after: null, limit: 100 })
  const statesOf = async () => {
    const [certificate] = await database.query<{ certificate: Uint8Array }>(
      'select certificate from seal.seal_certificates where seal_id = $1',
      [sealId],
    )
    const { services } = (await service.publicKeys()).find(({ departmentCode }) => departmentCode === market.code)!
    return services.find((one) => Buffer.compare(one.certificate, certificate!.certificate) === 0)!.states
  }

  it('is reported by a reviewer above its owner, who confirms it, and for a time that has passed', async () => {
    await rejectsWithCode(report(people.keeper), 'SEAL_ROLE_MISSING')
    await rejectsWithCode(report(people.otherReviewer), 'SEAL_NOT_FOUND')
    house.unconfirmed.add(people.reviewer.id)
    await rejectsWithCode(report(), 'STEP_UP_REQUIRED')
    house.unconfirmed.clear()
    const tomorrow = new Date(house.world.pki.clock.now().getTime() + 24 * HOUR_MS)
    await rejectsWithCode(report(people.reviewer, tomorrow), 'SEAL_COMPROMISE_TIME_REFUSED')
    await rejectsWithCode(report(people.reviewer, new Date(0)), 'SEAL_COMPROMISE_TIME_REFUSED')
    await rejectsWithCode(affected(people.reviewer), 'SEAL_NOT_COMPROMISED')
    expect(await rows('compromises')).toEqual([])
    expect(await house.stateOf(sealId)).toBe('active')
  })

  it('is revoked as of that time, its certificate with it, and seals nothing more', async () => {
    const answer = await report()
    expect(answer).toMatchObject({
      since,
      state: 'revoked',
      counts: { earlier: 2, doubtful: 2 },
      certificatesElsewhere: 0,
    })
    await rejectsWithCode(use('B-T'), 'SEAL_REVOKED')
    expect((await statesOf()).at(-1)).toEqual({ state: 'withdrawn', since })
    const [{ certificate }] = (await rows('seal_certificates')) as [{ certificate: Uint8Array }]
    const { serialNumberHex } = x509.parseCertificate(certificate)
    expect(await house.world.pki.pki.certificateStatus(serialNumberHex)).toMatchObject({
      state: 'revoked',
      revokedAt: since,
      reason: 'keyCompromise',
    })
  })

  it('is on record once however often it is reported, and further back when more is known', async () => {
    await Promise.all([report(), report()])
    expect(await rows('compromises')).toHaveLength(1)
    expect((await house.actionsOf(sealId)).filter((action) => action === 'revoke')).toHaveLength(1)
    const earlier = new Date(since.getTime() - HOUR_MS / 2)
    expect(await report(people.reviewer, earlier)).toMatchObject({ since: earlier, counts: { earlier: 2 } })
    expect((await statesOf()).at(-1)).toEqual({ state: 'withdrawn', since: earlier })
  })

  it('has its uses divided by their time stamps, for its keeper, an auditor and a reviewer, each look on record', async () => {
    const before = (await rows('ledger_reads')).length
    const { uses } = await affected(people.keeper)
    expect(uses.map(({ identifier, proof }) => [identifier, proof])).toEqual([
      [identifierOf(1), 'time-stamp'],
      [identifierOf(2), 'time-stamp'],
      [identifierOf(3), null],
      [identifierOf(4), null],
    ])
    expect((await affected(people.auditor, 'doubtful')).uses).toHaveLength(2)
    expect((await affected(people.reviewer, 'earlier')).uses).toHaveLength(2)
    await rejectsWithCode(affected(people.issuer), 'SEAL_ROLE_MISSING')
    await rejectsWithCode(affected(people.otherKeeper), 'SEAL_NOT_FOUND')
    const reads = (await rows('ledger_reads')) as { kind: string; caller_id: string }[]
    expect(reads.slice(before).map(({ kind, caller_id }) => [kind, caller_id])).toEqual([
      ['affected', 'keeper'],
      ['affected', 'auditor'],
      ['affected', 'reviewer'],
    ])
  })

  it('shows who used it on what to its keeper and an auditor alone', async () => {
    const search = (who: Principal, id?: string) =>
      service.ledger.search(who, { ...(id && { sealId: id }), phase: 'sealed' }, { after: null, limit: 3 })
    const first = await search(people.keeper, sealId)
    expect(first.uses.map(({ identifier }) => identifier)).toEqual([4, 3, 2].map((number) => identifierOf(number)))
    const second = await service.ledger.search(people.auditor, { phase: 'sealed' }, { after: first.next, limit: 3 })
    expect(second.uses.map(({ identifier }) => identifier)).toEqual([identifierOf(1)])
    await rejectsWithCode(search(people.reviewer, sealId), 'SEAL_ROLE_MISSING')
    await rejectsWithCode(search(people.otherKeeper, sealId), 'SEAL_NOT_FOUND')
    expect((await search(people.otherKeeper)).uses).toEqual([])
  })

  it('has what is in doubt sealed anew with another seal, counted by what is on record', async () => {
    const order = { sealId, newSealId: other }
    await rejectsWithCode(service.ledger.startReseal(people.keeper, order), 'SEAL_ROLE_MISSING')
    await rejectsWithCode(service.ledger.startReseal(people.reviewer, { sealId, newSealId: sealId }), 'SEAL_NOT_IN_USE')
    const [reseal, again] = await Promise.all([
      service.ledger.startReseal(people.reviewer, order),
      service.ledger.startReseal(people.reviewer, order),
    ])
    expect(again.resealId).toBe(reseal.resealId)
    const { resealId } = reseal
    expect(reseal.counts).toEqual({ waiting: 2, done: 0, givenUp: 0 })
    const { items } = await service.ledger.resealItems(people.issuer, resealId, { after: null, limit: 10 })
    expect(items.map(({ identifier }) => identifier)).toEqual([identifierOf(3), identifierOf(4)])
    const done = (newIdentifier: string) =>
      service.ledger.reportResealed(people.issuer, { resealId, useId: items[0]!.useId, newIdentifier })
    await rejectsWithCode(done(identifierOf(1)), 'SEAL_USE_NOT_FOUND')
    const [successor] = await use('B-T', other)
    expect(await done(successor!.identifier)).toMatchObject({ counts: { waiting: 1, done: 1 }, endedAt: null })
    expect(await done(successor!.identifier)).toMatchObject({ counts: { waiting: 1, done: 1 } })
    // Another process goes on where this one stopped.
    const restarted = house.another().ledger
    const item = { resealId, useId: items[1]!.useId, reason: '证照已注销' }
    await rejectsWithCode(restarted.giveUp(people.issuer, item), 'SEAL_ROLE_MISSING')
    expect(await restarted.giveUp(people.reviewer, item)).toMatchObject({
      counts: { waiting: 0, done: 1, givenUp: 1 },
      endedAt: house.world.pki.clock.now(),
    })
  })

  it('leaves a record that the ledger finds whole', async () => {
    await service.ledger.link()
    const witness = { head: null, setAside: [], checkpoints: [] }
    expect(await service.ledger.check({ trust: null, witness })).toMatchObject({ sound: true, waiting: 0 })
  })
})
