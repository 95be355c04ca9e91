import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformError } from '../../../platform/index.ts'
import type { Certifier } from '../../../seal-service/index.ts'
import { listFilingOrders } from '../../../seal-service/store/filing-orders.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { market } from '../world.ts'
import { createLifeWorld, type LifeWorld, people } from './life-world.ts'

const DAY_MS = 86_400_000

describe.each(engines)('the clock of seals on $name', ({ open }) => {
  let house: LifeWorld
  beforeAll(async () => {
    house = await createLifeWorld(await open())
  })
  afterAll(() => house.close())

  const now = () => house.world.pki.clock.now()
  const pass = (ms: number) => house.world.pki.clock.advance(ms)
  /** As after a restart: nothing is remembered. */
  const run = () => house.another().life.runClock()
  const read = async (id: string) => (await house.service.life.read(people.reviewer, id)).seal
  const statesOfLast = async () =>
    (await house.service.publicKeys())
      .find(({ departmentCode }) => departmentCode === market.code)!
      .services.filter(({ kind }) => kind === 'seal')
      .at(-1)!.states

  const cancel = (id: string, effectiveAt?: Date) =>
    house.act(people.reviewer, id, {
      ...{ action: 'cancel', reasonCode: 'merged', reason: '机构合并', legalBasis: '云编〔2026〕7号' },
      ...(effectiveAt && { effectiveAt }),
    })

  it('ends a seal at the time that was ordered, after a restart too, once, and not before', async () => {
    const id = await house.bring('active')
    const effectiveAt = new Date(now().getTime() + DAY_MS)
    expect(await cancel(id, effectiveAt)).toMatchObject({ state: 'active' })
    await rejectsWithCode(cancel(id, effectiveAt), 'SEAL_ENDING_ORDERED')
    expect((await run()).ended).toEqual([])
    expect((await house.service.life.read(people.keeper, id)).endsAt).toEqual(effectiveAt)
    pass(DAY_MS + 1000)
    const reports = await Promise.all([run(), run(), run()])
    expect(reports.flatMap(({ ended }) => ended)).toEqual([id])
    expect(await read(id)).toMatchObject({ state: 'cancelled', effectiveAt })
    expect((await statesOfLast()).at(-1)).toEqual({ state: 'withdrawn', since: effectiveAt })
    expect((await house.actionsOf(id)).slice(-2)).toEqual(['order-ending', 'cancel'])
  })

  it('has the certificates of ended seals revoked as of their end, with the reason, once, and tries again what failed', async () => {
    const [cancelled, misused, kept] = [
      await house.bring('active'),
      await house.bring('active'),
      await house.bring('active'),
    ]
    await cancel(cancelled)
    const ending = { reasonCode: 'misused', reason: '违规使用', legalBasis: '云印〔2026〕3号' }
    await house.act(people.reviewer, misused, { action: 'revoke', ...ending })
    const asked: { since: Date; cause: string }[] = []
    let isOut = true
    const again = () =>
      house
        .another({
          async revokeCertificate(_, since, cause) {
            if (isOut) throw new Error('the authority is out')
            asked.push({ since, cause })
            return true
          },
        })
        .life.runClock()
    const endsOf = async (id: string) => (await read(id)).effectiveAt ?? (await read(id)).stateChangedAt
    pass(60_000)
    await expect(again()).rejects.toThrow('out')
    isOut = false
    const { revoked } = await again()
    expect(revoked).toEqual(expect.arrayContaining([cancelled, misused]))
    expect(revoked).not.toContain(kept)
    expect(asked).toContainEqual({ since: await endsOf(cancelled), cause: 'cessationOfOperation' })
    expect(asked).toContainEqual({ since: await endsOf(misused), cause: 'privilegeWithdrawn' })
    expect((await again()).revoked).toEqual([])
  })

  it('ends nothing whose order was taken back, and what is ended at once drops the order', async () => {
    const [id, other] = [await house.bring('active'), await house.bring('active')]
    const effectiveAt = new Date(now().getTime() + DAY_MS)
    await cancel(id, effectiveAt)
    await house.act(people.reviewer2, id, { action: 'drop-ending', reason: '决定撤回' })
    await rejectsWithCode(
      house.act(people.reviewer2, id, { action: 'drop-ending', reason: 'x' }),
      'SEAL_ENDING_NOT_ORDERED',
    )
    await cancel(other, effectiveAt)
    await cancel(other)
    pass(2 * DAY_MS)
    expect((await run()).ended).toEqual([])
    expect([await house.stateOf(id), await house.stateOf(other)]).toEqual(['active', 'cancelled'])
  })

  it('counts an ending from a time that has passed, and takes back what was told of the time since', async () => {
    const id = await house.bring('active')
    const accepted = now()
    pass(3 * DAY_MS)
    await house.act(people.keeper, id, { action: 'suspend', reason: 'x' })
    const since = new Date(accepted.getTime() + DAY_MS)
    await house.act(people.reviewer, id, {
      ...{ action: 'revoke', reasonCode: 'key-compromised', reason: '密钥泄露', legalBasis: '调查结论' },
      effectiveAt: since,
    })
    expect(await statesOfLast()).toEqual([
      { state: 'granted', since: accepted },
      { state: 'withdrawn', since },
    ])
    const bad = {
      action: 'withdraw',
      reasonCode: 'merged',
      reason: 'x',
      legalBasis: 'x',
      effectiveAt: new Date(0),
    } as const
    const failure = await house.act(people.reviewer, await house.bring('active'), bad).catch((error) => error)
    expect(failure).toMatchObject({ code: 'SEAL_STEP_INVALID' })
    expect(failure.faults.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/reasonCode', '/effectiveAt'])
  })

  it('suspends the seals of a keeper who left, not those of others', async () => {
    const [id, other] = [await house.bring('active'), await house.bring('filed')]
    await house.act(people.maker, other, { action: 'issue', keeperId: people.keeper2.id })
    await house.act(people.keeper2, other, { action: 'accept' })
    house.gone.add(people.keeper.id)
    const { suspended } = await run()
    house.gone.delete(people.keeper.id)
    expect(suspended).toContain(id)
    expect([await house.stateOf(id), await house.stateOf(other)]).toEqual(['suspended', 'active'])
    expect((await read(id)).keeperId).toBe('keeper')
    const waiting = await house.service.life.tasks(people.reviewer)
    expect(waiting.find(({ seal }) => seal.id === id)!.actions).toEqual(['restore', 'collect'])
  })

  it('suspends nothing where nobody is known, and nothing that the operator set up', async () => {
    const id = await house.bring('active')
    const apart = house.world.another()
    house.gone.add(people.keeper.id)
    expect((await apart.life.runClock()).suspended).toEqual([])
    house.gone.delete(people.keeper.id)
    expect(await house.stateOf(id)).toBe('active')
    expect(await house.stateOf(house.world.seal.id)).toBe('active')
  })

  it('reminds of what waits too long, once for each time, and of certificates that end soon', async () => {
    const id = await house.bring('applied')
    expect((await run()).reminded).not.toContain(id)
    pass(5 * DAY_MS)
    expect((await run()).reminded).toContain(id)
    expect((await run()).reminded).not.toContain(id)
    const task = (await house.service.life.tasks(people.reviewer)).find(({ seal }) => seal.id === id)!
    expect(task).toMatchObject({ isOverdue: true, actions: ['ask-for-more', 'reject', 'approve'] })
    pass(5 * DAY_MS)
    expect((await run()).reminded).toContain(id)
    expect((await house.actionsOf(id)).filter((action) => action === 'remind')).toHaveLength(2)
  })

  it('waits as long as the house has set', async () => {
    const id = await house.bring('applied')
    const patient = house.another({ deadlines: { applied: 20 } })
    expect(() => house.another({ deadlines: { nonsense: 3 } as object })).toThrow(/nonsense/)
    pass(6 * DAY_MS)
    expect((await patient.life.runClock()).reminded).not.toContain(id)
    expect((await patient.life.tasks(people.reviewer)).find(({ seal }) => seal.id === id)!.isOverdue).toBe(false)
  })

  it('lists the seals of a department that was merged into another, until they are ended or replaced', async () => {
    const id = await house.bring('active')
    house.closed.set(market.code, { closedAt: now(), successorCode: people.otherKeeper.departmentCode })
    const task = (await house.service.life.tasks(people.reviewer)).find(({ seal }) => seal.id === id)!
    expect(task).toMatchObject({
      actions: ['revoke', 'withdraw', 'cancel'],
      closedOwner: { successorCode: expect.any(String) },
    })
    await rejectsWithCode(house.apply(), 'SEAL_DEPARTMENT_CLOSED')
    await cancel(id)
    expect((await house.service.life.tasks(people.reviewer)).map(({ seal }) => seal.id)).not.toContain(id)
    house.closed.delete(market.code)
  })

  it('makes the SESeals of a renewal that was broken off; the renewal is filed with them, not before', async () => {
    const id = await house.bring('active')
    const certifier: Certifier = {
      ...house.world.pki.pki,
      async certify(request) {
        if (request.profile === 'sm2-seal') throw new Error('the authority is out')
        return house.world.pki.pki.certify(request)
      },
    }
    const before = await house.service.eseal(id, 'V5')
    await expect(house.another({ certifier }).life.act(people.maker, id, { action: 'renew' })).rejects.toThrow('out')
    expect(await read(id)).toMatchObject({ state: 'active', certificateNumber: 2 })
    const order = async () => (await listFilingOrders(house.world.database, id)).at(-1)!
    await house.service.outward.fileDue()
    expect(await order()).toMatchObject({ task: 'renew', state: 'waiting', lastFault: 'SEAL_FILING_PENDING' })
    expect(await house.service.eseal(id, 'V5')).toEqual(before)
    const reports = await Promise.all([run(), run()])
    expect(reports.flatMap(({ renewed }) => renewed)).toContain(id)
    expect((await run()).renewed).toEqual([])
    const made = await house.service.eseal(id, 'V5')
    expect(made).not.toEqual(before)
    pass(60_000)
    await house.service.outward.fileDue()
    expect(await order()).toMatchObject({ task: 'renew', state: 'filed' })
  })

  it('files a renewal without a new SESeal where none can be made, rather than never', async () => {
    const id = await house.bring('active')
    const noMaker = house.another({ sealMaker: undefined as never })
    await noMaker.life.act(people.maker, id, { action: 'renew' })
    for (let attempt = 0; attempt < 6; attempt++) {
      await noMaker.outward.fileDue()
      pass(3_600_000)
    }
    expect((await listFilingOrders(house.world.database, id)).at(-1)).toMatchObject({ task: 'renew', state: 'filed' })
    expect((await noMaker.life.runClock()).renewed).toEqual([])
  })

  it('takes a seal on whose release the publisher took after an outage, once, and answers whoever still asks first', async () => {
    let isAway = true
    const asked = async (): Promise<never> => {
      throw new PlatformError('UPSTREAM_UNAVAILABLE', 'away')
    }
    const send = () => (isAway ? asked() : Promise.resolve({}))
    const statusSystem = { send, status: asked, publicStatus: asked, deactivated: asked }
    const national = house.another({ statusSystem })
    const [waits, asksAgain] = [await house.bring('made'), await house.bring('made')]
    for (const id of [waits, asksAgain])
      await rejectsWithCode(national.life.act(people.maker, id, { action: 'file' }), 'SEAL_FILING_PENDING')
    isAway = false
    pass(60_000)
    await national.outward.fileDue()
    expect((await run()).filed).toEqual([])
    expect(await house.stateOf(waits)).toBe('made')
    expect(await national.life.act(people.maker, asksAgain, { action: 'file' })).toMatchObject({ state: 'filed' })
    pass(61_000)
    const reports = await Promise.all([run(), run()])
    expect(reports.flatMap(({ filed }) => filed)).toEqual([waits])
    const life = await house.service.life.read(people.reviewer, waits)
    expect(life.filings).toEqual([expect.objectContaining({ kind: 'release', callerId: 'system:clock' })])
    expect(life.timeline.at(-1)).toMatchObject({ action: 'file', state: 'filed', callerId: 'system:clock' })
    await house.act(people.maker, waits, { action: 'issue', keeperId: people.keeper.id })
    expect((await run()).filed).toEqual([])
  })

  it('expires seals in the night in which their certificate ends; a lost one never serves again by being renewed', async () => {
    const [id, lost, issued] = [await house.bring('active'), await house.bring('active'), await house.bring('issued')]
    await house.act(people.keeper, lost, { action: 'report-lost', reason: 'x' })
    const { validUntil } = await read(id)
    pass(validUntil!.getTime() - now().getTime() - 10 * DAY_MS)
    expect((await run()).reminded).toContain(id)
    pass(10 * DAY_MS)
    await rejectsWithCode(house.act(people.keeper, issued, { action: 'accept' }), 'SEAL_CERTIFICATE_EXPIRED')
    const { expired } = await run()
    for (const one of [id, lost, issued]) expect(expired).toContain(one)
    expect((await run()).expired).toEqual([])
    expect(await read(id)).toMatchObject({ state: 'expired', effectiveAt: validUntil })
    await rejectsWithCode(house.act(people.maker, lost, { action: 'renew' }), 'SEAL_RENEWAL_REFUSED')
    await rejectsWithCode(house.act(people.maker, issued, { action: 'renew' }), 'SEAL_RENEWAL_REFUSED')
    const order = { organisation: '云汀市市场监督管理局', callerId: 'operator' }
    for (const sealId of [lost, issued])
      await rejectsWithCode(house.service.renewSeal({ ...order, sealId }), 'SEAL_RENEWAL_REFUSED')
    await house.act(people.maker, id, { action: 'renew' })
    expect(await house.stateOf(id)).toBe('active')
  })
})
