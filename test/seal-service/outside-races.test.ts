// What happens between the judgement of a certificate from outside and its use; what may not be trusted or brought at all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSharedKey } from '../../key-store/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { systemIds } from '../../platform/index.ts'
import type { RevocationAnswer } from '../../seal-service/index.ts'
import { engines } from '../support/engines.ts'
import { openOutsideAuthority } from '../support/outside-authority.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { by, createOutsideWorld, day, type OutsideWorld } from './outside-world.ts'

describe.each(engines)('certificates from outside under attack, on $name', ({ open }) => {
  let house: OutsideWorld
  beforeAll(async () => {
    house = await createOutsideWorld(await open())
  })
  afterAll(() => house.close())

  /** A service in which something happens after a certificate was judged and before it is taken. */
  const meanwhile = (happens: () => Promise<unknown>) =>
    house.restart({
      revocation: {
        async answers(): Promise<RevocationAnswer[]> {
          await happens()
          throw new Error('nobody answers')
        },
      },
    })
  const seconds = (date: Date) => new Date(Math.floor(date.getTime() / 1000) * 1000)
  const root = async (name: string, changed: Partial<ca.CertificateRequest> = {}) => {
    const { key } = makeSharedKey()
    const now = seconds(house.world.pki.clock.now())
    const certificate = await ca.issueCertificate({
      profile: 'root',
      subject: [
        ['C', 'CN'],
        ['O', 'Narrow CA Ltd'],
        ['CN', name],
      ],
      subjectPublicKey: key.publicKey,
      serialNumber: Uint8Array.from([0x41, ...systemIds.bytes(15)]),
      notBefore: new Date(now.getTime() - day),
      notAfter: new Date(now.getTime() + 10 * day),
      key,
      ...changed,
    })
    return { key, certificate, issued: { key, issuer: { certificate } } }
  }

  describe('at the same time', () => {
    it('takes nothing of an authority in which trust ended meanwhile, and a service that goes on knows', async () => {
      const other = await openOutsideAuthority(house.world.pki.clock, 'Brief Licensed')
      try {
        await house.seals.trustAuthority(other.root, by)
        const seal = await house.newSeal()
        const certificates = [await other.sign(await house.ask(seal)), other.issuing]
        const service = meanwhile(() => house.restart().distrustAuthority(other.root, by))
        await expect(house.bring(certificates, service)).rejects.toMatchObject({ code: 'SEAL_CERTIFICATE_REFUSED' })
        expect(await house.stateOf(seal)).toMatchObject({ state: 'waiting', certificateNumber: null })
        expect((await house.eventsOf(seal)).at(-1)).toMatchObject({ action: 'request' })
        await house.seals.outside.refresh()
        expect(house.seals.outside.anchors()).not.toContainEqual(other.root)
      } finally {
        await other.close()
      }
    })

    it('does not bring an old key back over a new one', async () => {
      const seal = (await house.bring(await house.answer(await house.newSeal()))).seal
      const ofOldKey = await house.answer(seal)
      const csr = await house.ask(seal, { newKey: true })
      const ofNewKey = [await house.authority.sign(csr), house.authority.issuing]
      const service = meanwhile(() => house.bring(ofNewKey))
      await expect(house.bring(ofOldKey, service)).rejects.toMatchObject({
        code: 'SEAL_CERTIFICATE_REFUSED',
        faults: [{ code: 'KEY_SUPERSEDED' }],
      })
      expect(await house.stateOf(seal)).toMatchObject({ keyName: `${seal.keyName}-2`, certificateNumber: 2 })
    })

    it('does not bring an older certificate back over a later one', async () => {
      const seal = await house.newSeal()
      const older = await house.answer(seal)
      house.world.pki.clock.advance(60_000)
      const later = await house.answer(seal)
      const service = meanwhile(() => house.bring(later))
      await expect(house.bring(older, service)).rejects.toMatchObject({ faults: [{ code: 'OLDER' }] })
      expect(await house.stateOf(seal)).toMatchObject({ certificateNumber: 1 })
    })

    it('refuses a certificate that is on a list made while it was judged', async () => {
      const seal = await house.newSeal()
      const revoked = await house.answer(seal)
      house.authority.revoked.push(revoked[0]!)
      const sound = house.authority.handle
      house.authority.handle = (request, response) => {
        house.world.pki.clock.advance(10_000)
        return sound(request, response)
      }
      try {
        const failure = await house.bring(revoked, house.restart()).catch((error) => error)
        expect(failure).toMatchObject({ code: 'SEAL_CERTIFICATE_REFUSED', faults: [{ code: 'REVOKED' }] })
      } finally {
        house.authority.handle = sound
      }
    })

    it('takes nothing for a seal that was revoked meanwhile', async () => {
      const { seal } = await house.bring(await house.answer(await house.newSeal()))
      house.world.pki.clock.advance(60_000)
      const next = await house.answer(seal)
      const revoke = { sealId: seal.id, action: 'revoke', reason: 'lost', callerId: by } as const
      await rejectsWithCode(
        house.bring(
          next,
          meanwhile(() => house.seals.changeSealState(revoke)),
        ),
        'SEAL_REVOKED',
      )
      expect(await house.stateOf(seal)).toMatchObject({ state: 'revoked', certificateNumber: 1 })
    })

    it('goes on sealing with one certificate or the other while the next is taken', async () => {
      const { seal } = await house.bring(await house.answer(await house.newSeal()))
      const csr = await house.ask(seal, { newKey: true })
      const next = [await house.authority.sign(csr), house.authority.issuing]
      const [renewed, ...sealed] = await Promise.all([
        house.bring(next, house.restart()),
        ...Array.from({ length: 6 }, () => house.put(seal, 'B-T')),
      ])
      expect(renewed).toMatchObject({ isNew: true, seal: { certificateNumber: 2 } })
      const both = [...house.world.pki.pki.anchors(), house.authority.root]
      const crls = [...(await house.world.pki.pki.crls()), ...(await house.restart().outside.lists())]
      for (const { pdf } of sealed) expect(await house.judge(pdf, both, crls)).toMatchObject({ verdict: 'accepted' })
    })
  })

  describe('refuses a certificate', () => {
    it('of an authority, two for one key, and one that is longer than documents should carry', async () => {
      const seal = await house.newSeal()
      const plain = await root('Plain Root CA')
      await house.seals.trustAuthority(plain.certificate, by)
      const days = { notAfter: new Date(seconds(house.world.pki.clock.now()).getTime() + 9 * day) }
      const asAuthority = { ...plain.issued, ...days, profile: 'issuing-ca' } as const
      await house.refusedFor(await house.answer(seal, asAuthority), 'KEY_USAGE')
      const [one, issuing] = await house.answer(seal)
      const [two] = await house.answer(seal)
      await house.refusedFor([one!, two!, issuing!], 'SEVERAL')
      const long = await house.answer(seal, { crlUrl: `${house.authority.url}/${'x'.repeat(17_000)}` })
      await rejectsWithCode(house.bring(long), 'SEAL_CERTIFICATE_UNREADABLE')
      expect(await house.bring([issuing!, one!, house.authority.root, one!, issuing!])).toMatchObject({ isNew: true })
    })

    it('under an authority that has ended, or that may not certify such names', async () => {
      const short = await root('Short Root CA')
      const value = [{ kind: 'directory' as const, value: x509.encodeName(nameOf('Another')) }]
      const narrow = await root('Narrow Root CA', { constraints: { nameConstraints: { permitted: value } } })
      for (const { certificate } of [short, narrow]) await house.seals.trustAuthority(certificate, by)
      const seal = await house.newSeal()
      const csr = await house.ask(seal)
      const notAfter = new Date(seconds(house.world.pki.clock.now()).getTime() + 9 * day)
      const under = ({ issued }: typeof short) => house.authority.sign(csr, { ...issued, notAfter })
      await house.refusedFor([await under(narrow), narrow.certificate], 'NAME_CONSTRAINTS')
      const certificate = await under(short)
      house.world.pki.clock.advance(10 * day)
      await house.refusedFor([certificate, short.certificate], 'EXPIRED')
      await rejectsWithCode(
        house.seals.trustAuthority((await root('Past', past())).certificate, by),
        'SEAL_AUTHORITY_REFUSED',
      )
      house.world.pki.clock.advance(-10 * day)
    })
    const past = () => ({
      notBefore: new Date(seconds(house.world.pki.clock.now()).getTime() - 9 * day),
      notAfter: new Date(seconds(house.world.pki.clock.now()).getTime() - day),
    })
    const nameOf = (organisation: string) => [['C', 'CN'] as const, ['O', organisation] as const]
  })

  it('ends trust even by a clock that runs behind', async () => {
    const { certificate } = await root('Hasty Root CA')
    await house.seals.trustAuthority(certificate, by)
    house.world.pki.clock.advance(-60_000)
    expect(await house.seals.distrustAuthority(certificate, by)).toBe(true)
    house.world.pki.clock.advance(60_000)
  })
})
