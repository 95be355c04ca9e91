// Seals whose certificates a licensed authority outside gives: request out, certificate in, what is refused, whom to trust.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSharedKey } from '../../key-store/index.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { systemIds } from '../../platform/index.ts'
import type { Seal } from '../../seal-service/index.ts'
import { type Break, breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { openOutsideAuthority } from '../support/outside-authority.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { by, createOutsideWorld, day, type OutsideWorld } from './outside-world.ts'
import { market } from './world.ts'

describe.each(engines)('certificates from outside on $name', ({ open }) => {
  let house: OutsideWorld
  beforeAll(async () => {
    house = await createOutsideWorld(await open())
  })
  afterAll(() => house.close())

  it('asks with a request that proves the key, names the owner, and is the same however often it is made', async () => {
    const seal = await house.newSeal()
    expect(seal).toMatchObject({ state: 'waiting', certificateNumber: null })
    const [csr, ...others] = await Promise.all(Array.from({ length: 4 }, () => house.ask(seal)))
    for (const other of others) expect(other).toEqual(csr)
    const request = ca.parseCsr(csr!)
    expect(await ca.verifyCsr(request, house.world.pki.clock.now())).toBeNull()
    expect(request.subject.text).toBe(
      `C=CN, O=${market.name}, organizationIdentifier=NTRCN-${market.code}, CN=${seal.name}`,
    )
    expect(request.subjectPublicKeyInfo).toEqual((await house.world.keyStore.get(seal.keyName)).publicKey)
    expect((await house.eventsOf(seal)).map(({ action }) => action)).toEqual(['apply', 'approve', 'wait', 'request'])
  })

  it('refuses to seal while it waits, and lists no certificate', async () => {
    const seal = await house.newSeal()
    await rejectsWithCode(house.put(seal, 'B-T'), 'SEAL_CERTIFICATE_AWAITED')
    await rejectsWithCode(house.seals.sealPictureSvg(seal.id), 'SEAL_NOT_MADE')
    await rejectsWithCode(
      house.seals.changeSealState({ sealId: seal.id, action: 'suspend', reason: 'x', callerId: by }),
      'SEAL_TRANSITION_FORBIDDEN',
    )
    expect((await house.seals.seals(market.code)).find(({ id }) => id === seal.id)).toMatchObject({ state: 'waiting' })
  })

  it('takes the certificate into use: documents carry its chain and its authority’s lists, and verify under that authority', async () => {
    const seal = await house.newSeal()
    const certificates = await house.answer(seal)
    const taken = await house.bring(certificates)
    expect(taken).toMatchObject({ isNew: true, seal: { id: seal.id, state: 'active', certificateNumber: 1 } })
    expect(taken.remarks.filter(({ severity }) => severity === 'error')).toEqual([])
    const events = await house.eventsOf(seal)
    const steps = events.slice(-4)
    expect(steps.map(({ action }) => action)).toEqual(['make', 'file', 'issue', 'accept'])
    expect(steps.at(-1)).toMatchObject({ state: 'active', caller_id: by })
    expect(steps[0]!.reason).toContain(x509.parseCertificate(certificates[0]!).serialNumberHex)
    const sealed = await house.put(taken.seal, 'B-LT', house.restart())
    expect(sealed).toMatchObject({ level: 'B-LT', shortfall: null })
    const read = readSignedPdf(sealed.pdf)
    if (!read.ok) throw new Error(read.detail)
    const data = read.validationData()!
    for (const der of [...certificates, house.authority.root]) expect(data.certificates).toContainEqual(der)
    expect(data.crls).toHaveLength(2)
    const both = [...house.world.pki.pki.anchors(), house.authority.root]
    const report = await house.judge(sealed.pdf, both)
    expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED' })
    expect(report.signatures[0]).toMatchObject({ level: 'B-LT' })
    expect(await house.judge(sealed.pdf, house.world.pki.pki.anchors())).toMatchObject({ indication: 'INDETERMINATE' })
    const archived = await house.put(taken.seal, 'B-LTA', house.restart())
    expect((await house.judge(archived.pdf, both)).signatures[0]).toMatchObject({ level: 'B-LTA' })
  })

  it('asks the list where the responder does not know the certificate', async () => {
    const { authority } = house
    const ocspUrl = `${authority.url}/ocsp`
    const seal = await house.newSeal()
    const certificates = await house.answer(seal, { ocspUrl })
    const taken = await house.bring(certificates)
    expect(taken.remarks.filter(({ text }) => text.startsWith('revocation'))).toEqual([])
    const sealed = await house.put(taken.seal, 'B-LT', house.restart())
    const anchors = [...house.world.pki.pki.anchors(), authority.root]
    expect((await house.judge(sealed.pdf, anchors)).signatures[0]).toMatchObject({ level: sealed.level })
    expect(sealed).toMatchObject({ level: 'B-LT', shortfall: null })
    const other = await house.answer(await house.newSeal(), { ocspUrl })
    authority.revoked.push(other[0]!)
    house.world.pki.clock.advance(2 * 60_000)
    await house.refusedFor(other, 'REVOKED')
    authority.revoked.pop()
  })

  it('gives the verifier who judges new documents the authority and its lists', async () => {
    expect(house.seals.outside.anchors()).toEqual([house.authority.root])
    const service = house.restart()
    await service.start()
    expect(service.outside.anchors()).toEqual([house.authority.root])
    const lists = await service.outside.lists()
    expect(lists).toHaveLength(2)
    const seal = (await house.bring(await house.answer(await house.newSeal()))).seal
    const sealed = await house.put(seal, 'B-T')
    const crls = [...(await house.world.pki.pki.crls()), ...lists]
    expect(await house.judge(sealed.pdf, [...house.world.pki.pki.anchors(), house.authority.root], crls)).toMatchObject(
      {
        verdict: 'accepted',
      },
    )
  })

  it('changes nothing when a certificate is brought again, in any order, or by two at once', async () => {
    const seal = await house.newSeal()
    const certificates = await house.answer(seal)
    const outcomes = await Promise.all([
      ...Array.from({ length: 3 }, () => house.bring(certificates)),
      house.bring([...certificates].reverse(), house.restart()),
    ])
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1)
    for (const { seal: now } of outcomes) expect(now).toMatchObject({ state: 'active', certificateNumber: 1 })
    expect((await house.eventsOf(seal)).filter(({ action }) => action === 'make' || action === 'renew')).toHaveLength(1)
    house.world.pki.clock.advance(400 * day)
    expect(await house.bring(certificates)).toMatchObject({ isNew: false })
    house.world.pki.clock.advance(-400 * day)
  })

  it('takes two different ones at once one after the other', async () => {
    const seal = await house.newSeal()
    const csr = await house.ask(seal)
    const two = await Promise.all([house.authority.sign(csr), house.authority.sign(csr)])
    const outcomes = await Promise.all(
      two.map((certificate) => house.bring([certificate, house.authority.issuing], house.restart())),
    )
    expect(outcomes.map(({ isNew }) => isNew)).toEqual([true, true])
    expect(await house.stateOf(seal)).toMatchObject({ state: 'active', certificateNumber: 2 })
    const actions = (await house.eventsOf(seal))
      .map(({ action }) => action)
      .filter((action) => /make|renew/.test(action))
    expect(actions).toEqual(['make', 'renew'])
  })

  it.each([1, 2])('is whole or not there after a break at the import (%s)', async (kind) => {
    const when: Break = kind === 1 ? 'not persisted' : 'persisted'
    const seal = await house.newSeal()
    const certificates = await house.answer(seal)
    const broken = house.restart({ database: breakingDatabase(house.world.database, 1, when) })
    await expect(house.bring(certificates, broken)).rejects.toThrow(/broken/)
    expect(await house.stateOf(seal)).toMatchObject({ state: when === 'persisted' ? 'made' : 'waiting' })
    expect(await house.bring(certificates, house.restart())).toMatchObject({ isNew: when === 'not persisted' })
    expect(await house.put(await house.stateOf(seal), 'B-B')).toMatchObject({ level: 'B-B' })
  })

  describe('refuses a certificate', () => {
    let seal: Seal
    beforeAll(async () => {
      seal = await house.newSeal()
    })
    const later = (days: number) =>
      new Date(Math.floor(house.world.pki.clock.now().getTime() / 1000) * 1000 + days * day)

    it('for a key of which none was asked for', async () => {
      const stranger = await ca.encodeCsr({ subject: [['CN', 'Stranger']], key: makeSharedKey().key })
      await house.refusedFor([await house.authority.sign(stranger, { profile: 'statement' })], 'KEY_UNKNOWN')
      await house.refusedFor([house.authority.issuing, house.authority.root], 'KEY_UNKNOWN')
    })

    it('that names another organisation, another code or another seal, and takes added places and units', async () => {
      const { subject } = ca.parseCsr(await house.ask(seal))
      const entries = subject.attributes.map(({ type, value }) => [type, value] as const)
      const renamed = (type: string, value: string) => ({
        subject: entries.map(([known, old]) => [known, known === type ? value : old] as const),
      })
      await house.refusedFor(await house.answer(seal, renamed('2.5.4.10', '云汀市民政局')), 'NAME_DIFFERS')
      await house.refusedFor(await house.answer(seal, renamed('2.5.4.97', 'NTRCN-11330199MB00000025')), 'NAME_DIFFERS')
      await house.refusedFor(await house.answer(seal, renamed('2.5.4.3', '云汀市民政局')), 'NAME_DIFFERS')
      await house.refusedFor(await house.answer(seal, renamed('2.5.4.6', 'US')), 'NAME_DIFFERS')
      const other = await house.newSeal()
      const asked = ca
        .parseCsr(await house.ask(other))
        .subject.attributes.map(({ type, value }) => [type, value] as const)
      const added = {
        subject: [...asked.slice(0, 1), ['ST', '云省'] as const, ...asked.slice(1), ['OU', '公章'] as const],
      }
      expect(await house.bring(await house.answer(other, added))).toMatchObject({ isNew: true })
    })

    it('that is for other uses', async () => {
      await house.refusedFor(await house.answer(seal, { profile: 'statement' }), 'EXTENDED_KEY_USAGE')
      await house.refusedFor(await house.answer(seal, { profile: 'time-stamp' }), 'EXTENDED_KEY_USAGE')
    })

    it('that has ended or does not count yet', async () => {
      house.world.pki.clock.advance(60 * day)
      const ended = { notBefore: later(-50), notAfter: later(-1) }
      await house.refusedFor(await house.answer(seal, ended), 'EXPIRED')
      await house.refusedFor(await house.answer(seal, { notBefore: later(1) }), 'NOT_YET_VALID')
      house.world.pki.clock.advance(-60 * day)
    })

    it('of another authority, of one with the same name, or without the certificates between', async () => {
      const stranger = await openOutsideAuthority(house.world.pki.clock, 'Stranger')
      const forged = await openOutsideAuthority(house.world.pki.clock)
      const csr = await house.ask(seal)
      try {
        await house.refusedFor(
          [await stranger.sign(csr), stranger.issuing, stranger.root],
          'NO_CERTIFICATE_CHAIN_FOUND',
        )
        const failure = await house.bring([await forged.sign(csr), forged.issuing, forged.root]).catch((error) => error)
        expect(failure).toMatchObject({ code: 'SEAL_CERTIFICATE_REFUSED' })
        await house.refusedFor([await house.authority.sign(csr)], 'NO_CERTIFICATE_CHAIN_FOUND')
      } finally {
        await stranger.close()
        await forged.close()
      }
    })

    it('that tells nobody by http where it is revoked', async () => {
      const silent = { crlUrl: 'ldap://127.0.0.1/cn=list', caIssuersUrl: `${house.authority.url}/seal.cer` }
      await house.refusedFor(await house.answer(seal, silent), 'ADDRESS_MISSING')
    })

    it('that is revoked, and takes one of which nobody can tell with a warning', async () => {
      const revoked = await house.answer(seal)
      house.authority.revoked.push(revoked[0]!)
      house.world.pki.clock.advance(2 * 60_000)
      await house.refusedFor(revoked, 'REVOKED')
      const elsewhere = await house.newSeal()
      const certificates = await house.answer(elsewhere, { crlUrl: 'http://127.0.0.1:9/none.crl' })
      const { isNew, remarks } = await house.bring(certificates)
      expect(isNew).toBe(true)
      expect(remarks.map(({ text }) => text).join()).toContain('revocation is not known')
    })

    it('that is cut short, empty, or too many', async () => {
      const [certificate] = await house.answer(seal)
      await rejectsWithCode(house.bring([certificate!.subarray(0, -1)]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(house.bring([new Uint8Array(0)]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(house.bring([systemIds.bytes(400)]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(house.bring([]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(house.bring(Array.from({ length: 21 }, () => certificate!)), 'SEAL_CERTIFICATE_UNREADABLE')
    })

    it('while nothing of it has changed anything', async () => {
      expect(await house.stateOf(seal)).toMatchObject({ state: 'waiting', certificateNumber: null })
    })
  })

  describe('trust in an authority', () => {
    it('is refused to what is none, has ended, or says TEST in production', async () => {
      const [leaf] = await house.answer(await house.newSeal())
      await rejectsWithCode(house.seals.trustAuthority(leaf!, by), 'SEAL_AUTHORITY_REFUSED')
      await rejectsWithCode(house.seals.trustAuthority(leaf!.subarray(1), by), 'SEAL_AUTHORITY_REFUSED')
      const test = await openOutsideAuthority(house.world.pki.clock, 'TEST Licensed')
      await test.close()
      await rejectsWithCode(house.restart({ production: true }).trustAuthority(test.root, by), 'SEAL_AUTHORITY_REFUSED')
    })

    it('is given once, ended once, and without it nothing is taken', async () => {
      const other = await openOutsideAuthority(house.world.pki.clock, 'Second Licensed')
      try {
        const given = await Promise.all([
          house.seals.trustAuthority(other.root, by),
          house.restart().trustAuthority(other.root, by),
        ])
        expect(given.filter(Boolean)).toHaveLength(1)
        expect(house.seals.outside.anchors()).toEqual([house.authority.root, other.root])
        const seal = await house.newSeal()
        const certificates = [await other.sign(await house.ask(seal)), other.issuing]
        expect(await house.seals.distrustAuthority(other.root, by)).toBe(true)
        expect(await house.seals.distrustAuthority(other.root, by)).toBe(false)
        await house.refusedFor(certificates, 'NO_CERTIFICATE_CHAIN_FOUND')
        expect(await house.seals.trustAuthority(other.issuing, by)).toBe(true)
        const { seal: made } = await house.bring(certificates)
        const again = house.restart()
        await again.start()
        const sealed = await house.put(made, 'B-LT', again)
        expect(sealed).toMatchObject({ level: 'B-LT', shortfall: null })
        const both = [...house.world.pki.pki.anchors(), other.issuing]
        expect(await house.judge(sealed.pdf, both)).toMatchObject({ verdict: 'accepted' })
      } finally {
        await other.close()
      }
    })
  })
})
