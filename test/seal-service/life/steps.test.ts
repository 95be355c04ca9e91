import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eseal } from '../../../pki/index.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { market } from '../world.ts'
import { createLifeWorld, formOf, type LifeWorld, once, people } from './life-world.ts'

describe.each(engines)('the life of a seal on $name', ({ open }) => {
  let house: LifeWorld
  beforeAll(async () => {
    house = await createLifeWorld(await open())
  })
  afterAll(() => house.close())

  it('goes from application to use by five people, each step on record with its person', async () => {
    const id = await house.bring('active')
    expect(await house.actionsOf(id)).toEqual([
      ...['apply', 'approve', 'draw', 'approve-picture', 'make', 'file', 'issue', 'accept'],
    ])
    const life = await house.service.life.read(people.keeper, id)
    expect(life.timeline.map(({ callerId }) => callerId)).toEqual([
      ...['applicant', 'reviewer', 'maker', 'reviewer', 'maker', 'maker', 'maker', 'keeper'],
    ])
    expect(life.seal).toMatchObject({ state: 'active', keeperId: 'keeper', certificateNumber: 1, kindCode: '11' })
    expect(life.seal.validUntil!.getTime()).toBeGreaterThan(life.seal.createdAt.getTime())
    expect(life.filings).toEqual([expect.objectContaining({ kind: 'release' })])
    expect(await house.service.eseal(id, 'V5')).toBeInstanceOf(Uint8Array)
    const keys = await house.service.publicKeys()
    const own = keys.find(({ departmentCode }) => departmentCode === market.code)!
    expect(
      own.services
        .filter(({ kind }) => kind === 'seal')
        .at(-1)!
        .states.map(({ state }) => state),
    ).toEqual(['granted'])
  })

  it('tells nothing of a seal that nobody has accepted to those who check', async () => {
    const count = async () =>
      (await house.service.publicKeys()).flatMap(({ services }) => services.filter(({ kind }) => kind === 'seal'))
        .length
    const before = await count()
    await house.bring('issued')
    expect(await count()).toBe(before)
  })

  it('lets nobody watch themselves: applicant, reviewer, maker and approver of the picture are different people', async () => {
    const own = await house.apply({}, people.everything)
    await rejectsWithCode(house.approve(own, people.everything), 'SEAL_SAME_PERSON')
    await house.approve(own)
    await house.act(people.everything, own, { action: 'draw' })
    const { picture } = await house.service.life.read(people.maker, own)
    const pictureDigest = Buffer.from(picture!.digest).toString('hex')
    await rejectsWithCode(
      house.act(people.everything, own, { action: 'approve-picture', pictureDigest }),
      'SEAL_SAME_PERSON',
    )
    await house.act(people.reviewer, own, { action: 'approve-picture', pictureDigest })
    await rejectsWithCode(house.act(people.everything, own, { action: 'make' }), 'SEAL_SAME_PERSON')
    const other = await house.bring('applied')
    await house.approve(other, people.everything)
    await house.drawAndApprove(other)
    await rejectsWithCode(house.act(people.everything, other, { action: 'make' }), 'SEAL_SAME_PERSON')
    await house.act(people.maker2, other, { action: 'make' })
  })

  it('counts whoever amends an application among its applicants', async () => {
    const id = await house.bring('applied')
    await house.act(people.reviewer, id, { action: 'ask-for-more', reason: '缺批准文件' })
    await house.service.life.amend(people.everything, id, formOf({ reason: '已补' }))
    await rejectsWithCode(house.approve(id, people.everything), 'SEAL_SAME_PERSON')
    expect(await house.actionsOf(id)).toEqual(['apply', 'ask-for-more', 'amend'])
  })

  it('hides seals of others: neither seen nor touched, whoever guesses the code', async () => {
    const id = await house.bring('applied')
    for (const who of [people.otherApplicant, people.otherReviewer, people.otherMaker, people.otherKeeper]) {
      await rejectsWithCode(house.service.life.read(who, id), 'SEAL_NOT_FOUND')
      await rejectsWithCode(house.act(who, id, { action: 'reject', reason: 'x' }), 'SEAL_NOT_FOUND')
      expect((await house.service.life.search(who, { limit: 50 })).seals.map((seal) => seal.id)).not.toContain(id)
    }
    await rejectsWithCode(
      house.act(people.reviewer, '33019999999999', { action: 'reject', reason: 'x' }),
      'SEAL_NOT_FOUND',
    )
  })

  it('asks for the permission of each step, in the right department', async () => {
    const id = await house.bring('applied')
    const reject = { action: 'reject', reason: 'x' } as const
    for (const who of [people.applicant, people.keeper, people.maker, people.viewer, people.issuer, people.auditor])
      await rejectsWithCode(house.act(who, id, reject), 'SEAL_ROLE_MISSING')
    await rejectsWithCode(house.service.life.apply(people.reviewer, formOf(), once()), 'SEAL_ROLE_MISSING')
    const issued = await house.bring('issued')
    await rejectsWithCode(house.act(people.keeper2, issued, { action: 'accept' }), 'SEAL_NOT_KEEPER')
    await rejectsWithCode(
      house.act(people.reviewer, issued, { action: 'report-lost', reason: 'x' }),
      'SEAL_ROLE_MISSING',
    )
    const { mayDo } = await house.service.life.read(people.keeper, issued)
    expect(mayDo).toEqual(['accept', 'decline', 'report-lost'])
  })

  it('takes no step for an account that was closed after its session began', async () => {
    const id = await house.bring('applied')
    house.gone.add('reviewer')
    await rejectsWithCode(house.act(people.reviewer, id, { action: 'reject', reason: 'x' }), 'SEAL_ROLE_MISSING')
    house.gone.delete('reviewer')
    expect(await house.stateOf(id)).toBe('applied')
  })

  it('asks for the security key before what cannot be undone', async () => {
    const id = await house.bring('applied')
    house.unconfirmed.add('reviewer')
    await rejectsWithCode(house.approve(id), 'STEP_UP_REQUIRED')
    await house.act(people.reviewer, id, { action: 'ask-for-more', reason: 'x' })
    house.unconfirmed.delete('reviewer')
  })

  it('refuses an approval of what was amended meanwhile', async () => {
    const id = await house.bring('applied')
    const { application } = await house.service.life.read(people.reviewer, id)
    const applicationDigest = Buffer.from(application!.digest).toString('hex')
    await house.act(people.reviewer2, id, { action: 'ask-for-more', reason: 'x' })
    await house.service.life.amend(people.applicant, id, formOf({ reason: 'amended' }))
    await rejectsWithCode(
      house.act(people.reviewer, id, { action: 'approve', applicationDigest }),
      'SEAL_APPLICATION_CHANGED',
    )
    expect(await house.stateOf(id)).toBe('applied')
  })

  it('of two reviewers at the same instant hears exactly one', async () => {
    const id = await house.bring('applied')
    const { application } = await house.service.life.read(people.reviewer, id)
    const applicationDigest = Buffer.from(application!.digest).toString('hex')
    const outcomes = await Promise.allSettled([
      house.act(people.reviewer, id, { action: 'approve', applicationDigest }),
      house.act(people.reviewer2, id, { action: 'reject', reason: 'x' }),
      house.another().life.act(people.reviewer2, id, { action: 'approve', applicationDigest }),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SEAL_TRANSITION_FORBIDDEN' })
    expect(await house.actionsOf(id)).toHaveLength(2)
  })

  it('answers a replayed approval as the first one, also at once, and refuses its key for anything else', async () => {
    const id = await house.bring('applied')
    const { application } = await house.service.life.read(people.reviewer, id)
    const request = { action: 'approve', applicationDigest: Buffer.from(application!.digest).toString('hex') } as const
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => house.act(people.reviewer, id, request, `key-${id}`)),
    )
    house.world.pki.clock.advance(60_000)
    answers.push(await house.act(people.reviewer, id, request, `key-${id}`))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await house.actionsOf(id)).toEqual(['apply', 'approve'])
    const other = { ...once(`key-${id}`), requestDigest: new Uint8Array(32) }
    await rejectsWithCode(house.service.life.act(people.reviewer, id, request, other), 'SEAL_REQUEST_CONFLICT')
  })

  it('puts an application on record once, however often it is sent, and allots codes to many at once', async () => {
    const [form, key] = [formOf(), once()]
    const applied = await Promise.all(
      Array.from({ length: 3 }, () => house.service.life.apply(people.applicant, form, key)),
    )
    expect(new Set(applied.map(({ id }) => id)).size).toBe(1)
    const many = await Promise.all(Array.from({ length: 6 }, () => house.apply()))
    expect(new Set(many).size).toBe(6)
    await rejectsWithCode(house.apply({ name: form.name }), 'SEAL_NAME_TAKEN')
    await house.act(people.applicant, applied[0]!.id, { action: 'abandon', reason: '不再需要' })
    await house.apply({ name: form.name })
  })

  it('names every fault of an application at once', async () => {
    const form = formOf({
      ...{ name: '<script>', physicalSealNumber: '3301990000000', replaces: '33019900009999', kindCode: '05' },
      files: [{ digest: 'a'.repeat(64), title: '批文' }],
    })
    const failure = await house.service.life.apply(people.applicant, form, once()).catch((error) => error)
    expect(failure).toMatchObject({ code: 'SEAL_APPLICATION_INVALID' })
    expect(failure.faults.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      ...['/name', '/physicalSealNumber', '/picture/shape', '/files/0/digest', '/replaces'],
    ])
  })

  it('makes no seal without a picture that another person approved, and takes no approval of an older picture', async () => {
    const id = await house.bring('approved')
    await rejectsWithCode(house.act(people.maker, id, { action: 'make' }), 'SEAL_PICTURE_NOT_APPROVED')
    await house.act(people.maker, id, { action: 'draw' })
    const { picture } = await house.service.life.read(people.maker, id)
    const seal = (await house.service.life.read(people.maker, id)).seal
    await house.act(people.maker, id, { action: 'draw', picture: { ...seal.picture, lowerText: '审批专用章' } })
    const pictureDigest = Buffer.from(picture!.digest).toString('hex')
    await rejectsWithCode(
      house.act(people.reviewer, id, { action: 'approve-picture', pictureDigest }),
      'SEAL_APPLICATION_CHANGED',
    )
    await rejectsWithCode(house.act(people.maker, id, { action: 'make' }), 'SEAL_PICTURE_NOT_APPROVED')
    await rejectsWithCode(
      house.act(people.maker, id, { action: 'draw', picture: { shape: 'round' } }),
      'SEAL_PICTURE_REFUSED',
    )
    const newer = Buffer.from((await house.service.life.read(people.maker, id)).picture!.digest).toString('hex')
    await house.act(people.applicant, id, { action: 'approve-picture', pictureDigest: newer })
    await house.act(people.maker, id, { action: 'make' })
    expect((await house.service.life.read(people.maker, id)).seal.picture).toMatchObject({ lowerText: '审批专用章' })
  })

  it('goes back to its makers when the keeper declines it, and is issued only to keepers of its owner', async () => {
    const id = await house.bring('filed')
    const issue = (keeperId: string) => house.act(people.maker, id, { action: 'issue', keeperId })
    await rejectsWithCode(issue(people.otherKeeper.id), 'SEAL_KEEPER_UNKNOWN')
    await rejectsWithCode(issue(people.applicant.id), 'SEAL_KEEPER_UNKNOWN')
    await issue(people.keeper.id)
    await house.act(people.keeper, id, { action: 'decline', reason: '印文有误' })
    await issue(people.keeper2.id)
    await rejectsWithCode(house.act(people.keeper, id, { action: 'accept' }), 'SEAL_NOT_KEEPER')
    await house.act(people.keeper2, id, { action: 'accept' })
    expect(await house.stateOf(id)).toBe('active')
  })

  it('stops at once when its owner reports it lost, as of when it was lost, and comes back by way of suspension', async () => {
    const id = await house.bring('active')
    house.world.pki.clock.advance(3_600_000)
    const now = house.world.pki.clock.now()
    const lostAt = new Date(now.getTime() - 1_800_000)
    const report = (at: Date) =>
      house.act(people.applicant, id, { action: 'report-lost', reason: '密钥设备遗失', lostAt: at })
    await rejectsWithCode(report(new Date(now.getTime() + 1000)), 'SEAL_STEP_INVALID')
    await report(lostAt)
    const own = (await house.service.publicKeys()).find(({ departmentCode }) => departmentCode === market.code)!
    const states = own.services.filter(({ kind }) => kind === 'seal').at(-1)!.states
    expect(states.at(-1)).toEqual({ state: 'withdrawn', since: lostAt })
    await house.act(people.reviewer, id, { action: 'recover', reason: '找回' })
    await house.act(people.reviewer, id, { action: 'restore', reason: '核实无误' })
    expect(await house.stateOf(id)).toBe('active')
  })

  it('is collected and given back to a keeper, who must accept it again', async () => {
    const id = await house.bring('active')
    await house.act(people.keeper, id, { action: 'suspend', reason: '出差' })
    await house.act(people.reviewer, id, { action: 'collect', reason: '收缴' })
    await rejectsWithCode(
      house.act(people.reviewer, id, { action: 'restore', reason: 'x' }),
      'SEAL_TRANSITION_FORBIDDEN',
    )
    await house.act(people.reviewer, id, { action: 'return', reason: '发还', keeperId: people.keeper2.id })
    await house.act(people.keeper2, id, { action: 'accept' })
    expect(await house.stateOf(id)).toBe('active')
  })

  it('is replaced at the moment when its successor is accepted, which may have its name', async () => {
    const old = await house.bring('active')
    const { name } = (await house.service.life.read(people.keeper, old)).seal
    const successor = await house.bring('issued', { name, replaces: old })
    await rejectsWithCode(house.apply({ name, replaces: old }), 'SEAL_NAME_TAKEN')
    expect(await house.stateOf(old)).toBe('active')
    await house.act(people.keeper, successor, { action: 'accept' })
    expect([await house.stateOf(old), await house.stateOf(successor)]).toEqual(['replaced', 'active'])
    const failure = await house.apply({ replaces: old }).catch((error) => error)
    expect(failure.faults).toEqual([expect.objectContaining({ pointer: '/replaces', code: 'NOT_REPLACEABLE' })])
  })

  it('gets a further certificate for a key of its own when it is renewed, once of two at the same instant', async () => {
    const id = await house.bring('active')
    const before = (await house.service.life.read(people.keeper, id)).seal
    house.world.pki.clock.advance(86_400_000)
    const [first, second] = await Promise.allSettled([
      house.act(people.maker, id, { action: 'renew' }),
      house.another().life.act(people.maker2, id, { action: 'renew' }),
    ])
    expect([first.status, second.status].toSorted()).toEqual(['fulfilled', 'rejected'])
    const after = (await house.service.life.read(people.keeper, id)).seal
    expect(after).toMatchObject({ state: 'active', certificateNumber: 2, keyName: `${before.keyName}-2` })
    expect(after.validUntil!.getTime()).toBeGreaterThan(before.validUntil!.getTime())
  })

  it('has its SESeals made anew for the certificate of a renewal, by the maker and for a key of their own; those before stay', async () => {
    const id = await house.bring('active')
    const { service, world } = house
    const before = { V5: await service.eseal(id, 'V5'), V4: await service.eseal(id, 'V4') }
    world.pki.clock.advance(86_400_000)
    await house.act(people.maker, id, { action: 'renew' }, `renew ${id}`)
    for (const layout of ['V5', 'V4'] as const) {
      const [old, renewed] = [before[layout], await service.eseal(id, layout)].map((bytes) => eseal.parseSeal(bytes))
      expect(await eseal.verifySeal(renewed!)).toMatchObject({ signatureValid: true })
      expect(renewed!.info.property.validEnd.getTime()).toBeGreaterThan(old!.info.property.validEnd.getTime())
      expect(renewed!.info.property.certList).not.toEqual(old!.info.property.certList)
    }
    const kept = await world.database.query<{
      layout: string
      generation: number
      key_name: string
      eseal: Uint8Array
    }>('select layout, generation, key_name, eseal from seal.eseals where seal_id = $1 order by layout, generation', [
      id,
    ])
    expect(kept.map(({ layout, generation }) => `${layout} ${generation}`)).toEqual(['V4 1', 'V4 2', 'V5 1', 'V5 2'])
    expect(Buffer.from(kept[2]!.eseal).equals(before.V5)).toBe(true)
    expect(kept[3]!.key_name).not.toBe(kept[2]!.key_name)
    await house.act(people.maker, id, { action: 'renew' }, `renew ${id}`)
    expect((await house.another().life.runClock()).renewed).toEqual([])
    const again = await world.database.query('select use_id from seal.eseals where seal_id = $1', [id])
    expect(again).toHaveLength(4)
  })

  it('keeps seals and their events: no row is deleted, no state changes without its event or past the table', async () => {
    const id = await house.bring('active')
    const { database } = house.world
    await expect(database.query('delete from seal.seals where id = $1', [id])).rejects.toThrow(/on record/)
    await expect(database.query(`update seal.seals set state = 'suspended' where id = $1`, [id])).rejects.toThrow(
      /event/,
    )
    await expect(database.query(`update seal.seals set state = 'issued' where id = $1`, [id])).rejects.toThrow(/become/)
    expect(await house.stateOf(id)).toBe('active')
  })
})
