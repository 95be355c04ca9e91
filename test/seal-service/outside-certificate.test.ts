// Seals whose certificates a licensed authority outside gives: request out, certificate in, sealing, renewal.
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revocationOf } from '../../bin/pki-ports.ts'
import { makeSharedKey } from '../../key-store/index.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { systemIds } from '../../platform/index.ts'
import { createHttpRevocationSource, type Seal, type SealService } from '../../seal-service/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { type Break, breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { type OutsideAuthority, openOutsideAuthority } from '../support/outside-authority.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { clerk, createSealWorld, market, type SealWorld, sealRequest } from './world.ts'

const day = 86_400_000
const by = '王管理员'

describe.each(engines)('certificates from outside on $name', ({ open }) => {
  let world: SealWorld
  let authority: OutsideAuthority
  let seals: SealService
  let count = 0
  beforeAll(async () => {
    world = await createSealWorld(await open())
    authority = await openOutsideAuthority(world.pki.clock)
    seals = restart()
    await seals.start()
    expect(await seals.trustAuthority(authority.root, by)).toBe(true)
  })
  afterAll(async () => {
    await authority.close()
    await world.close()
  })

  /** A service that remembers nothing, as after a restart. */
  const restart = (changed: Parameters<SealWorld['another']>[0] = {}): SealService => {
    const { clock, pki } = world.pki
    const source = createHttpRevocationSource({ clock, timeoutMs: 500 })
    return world.another({ revocation: revocationOf(pki, source), outsideLists: source, ...changed })
  }
  const newSeal = (service = seals): Promise<Seal> =>
    service.makeSeal({
      departmentCode: market.code,
      departmentName: market.name,
      name: `专用章${++count}`,
      typeCodes: market.typeCodes,
      ringText: market.name,
      lowerText: null,
      diameterMm: 45,
      keyAlgorithm: 'ec-p256',
      certificate: 'outside',
      callerId: by,
    })
  const ask = async ({ id }: Seal, more: { newKey?: boolean } = {}) =>
    (await seals.requestCertificate({ sealId: id, organisation: market.name, callerId: by, ...more })).csr
  const bring = (certificates: readonly Uint8Array[], service = seals) =>
    service.importCertificate({ certificates, callerId: by })
  const answer = async (seal: Seal, changed: Partial<ca.CertificateRequest> = {}, more = {}) => [
    await authority.sign(await ask(seal, more), changed),
    authority.issuing,
  ]
  const put = async (seal: Seal, level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA', service = seals) => {
    const [sealed] = await service.sealDocuments(clerk, [sealRequest({ seal }, 5000 + ++count, { level })])
    return sealed!
  }
  const refusedFor = async (certificates: readonly Uint8Array[], code: string) => {
    const failure = await bring(certificates).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'SEAL_CERTIFICATE_REFUSED' })
    expect((failure as { faults: { code: string }[] }).faults.map((fault) => fault.code)).toContain(code)
  }
  const stateOf = async ({ id }: Seal) => (await seals.seals(market.code)).find((one) => one.id === id)!
  const eventsOf = ({ id }: Seal) =>
    world.database.query<{ action: string; state: string; reason: string | null; caller_id: string }>(
      'select action, state, reason, caller_id from seal.seal_events where seal_id = $1 order by id',
      [id],
    )
  const judge = async (pdf: Uint8Array, trustAnchors: readonly Uint8Array[], crls: readonly Uint8Array[] = []) => {
    const evidence = { crls, trustList: null, statusLists: new Map(), live: null }
    const policy = { trustAnchors, trustList: 'skipped', status: 'skipped' } as const
    const at = new Date(world.pki.clock.now().getTime() + 1000)
    return verifyDocument({ name: 'a.pdf', bytes: pdf }, evidence, policy, at)
  }

  it('asks with a request that proves the key, names the owner, and is the same however often it is made', async () => {
    const seal = await newSeal()
    expect(seal).toMatchObject({ state: 'waiting', certificateNumber: null })
    const [csr, ...others] = await Promise.all(Array.from({ length: 4 }, () => ask(seal)))
    for (const other of others) expect(other).toEqual(csr)
    const request = ca.parseCsr(csr!)
    expect(await ca.verifyCsr(request, world.pki.clock.now())).toBeNull()
    expect(request.subject.text).toBe(
      `C=CN, O=${market.name}, organizationIdentifier=NTRCN-${market.code}, CN=${seal.name}`,
    )
    expect(request.subjectPublicKeyInfo).toEqual((await world.keyStore.get(seal.keyName)).publicKey)
    expect((await eventsOf(seal)).map(({ action }) => action)).toEqual(['approve', 'wait', 'request'])
  })

  it('refuses to seal while it waits, and lists no certificate', async () => {
    const seal = await newSeal()
    await rejectsWithCode(put(seal, 'B-T'), 'SEAL_CERTIFICATE_AWAITED')
    await rejectsWithCode(seals.sealPictureSvg(seal.id), 'SEAL_NOT_MADE')
    await rejectsWithCode(
      seals.changeSealState({ sealId: seal.id, action: 'suspend', reason: 'x', callerId: by }),
      'SEAL_TRANSITION_FORBIDDEN',
    )
    expect((await seals.seals(market.code)).find(({ id }) => id === seal.id)).toMatchObject({ state: 'waiting' })
  })

  it('takes the certificate into use: documents carry its chain and its authority’s lists, and verify under that authority', async () => {
    const seal = await newSeal()
    const certificates = await answer(seal)
    const taken = await bring(certificates)
    expect(taken).toMatchObject({ isNew: true, seal: { id: seal.id, state: 'active', certificateNumber: 1 } })
    expect(taken.remarks.filter(({ severity }) => severity === 'error')).toEqual([])
    const events = await eventsOf(seal)
    expect(events.at(-1)).toMatchObject({ action: 'make', state: 'active', caller_id: by })
    expect(events.at(-1)!.reason).toContain(x509.parseCertificate(certificates[0]!).serialNumberHex)
    const sealed = await put(taken.seal, 'B-LT', restart())
    expect(sealed).toMatchObject({ level: 'B-LT', shortfall: null })
    const read = readSignedPdf(sealed.pdf)
    if (!read.ok) throw new Error(read.detail)
    const data = read.validationData()!
    for (const der of [...certificates, authority.root]) expect(data.certificates).toContainEqual(der)
    expect(data.crls).toHaveLength(2)
    const both = [...world.pki.pki.anchors(), authority.root]
    const report = await judge(sealed.pdf, both)
    expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED' })
    expect(report.signatures[0]).toMatchObject({ level: 'B-LT' })
    expect(await judge(sealed.pdf, world.pki.pki.anchors())).toMatchObject({ indication: 'INDETERMINATE' })
    const archived = await put(taken.seal, 'B-LTA', restart())
    expect((await judge(archived.pdf, both)).signatures[0]).toMatchObject({ level: 'B-LTA' })
  })

  it('gives the verifier who judges new documents the authority and its lists', async () => {
    expect(seals.outside.anchors()).toEqual([authority.root])
    const service = restart()
    await service.start()
    expect(service.outside.anchors()).toEqual([authority.root])
    const lists = await service.outside.lists()
    expect(lists).toHaveLength(2)
    const seal = (await bring(await answer(await newSeal()))).seal
    const sealed = await put(seal, 'B-T')
    const crls = [...(await world.pki.pki.crls()), ...lists]
    expect(await judge(sealed.pdf, [...world.pki.pki.anchors(), authority.root], crls)).toMatchObject({
      verdict: 'accepted',
    })
  })

  it('changes nothing when a certificate is brought again, in any order, or by two at once', async () => {
    const seal = await newSeal()
    const certificates = await answer(seal)
    const outcomes = await Promise.all([
      ...Array.from({ length: 3 }, () => bring(certificates)),
      bring([...certificates].reverse(), restart()),
    ])
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1)
    for (const { seal: now } of outcomes) expect(now).toMatchObject({ state: 'active', certificateNumber: 1 })
    expect((await eventsOf(seal)).filter(({ action }) => action === 'make' || action === 'renew')).toHaveLength(1)
    world.pki.clock.advance(400 * day)
    expect(await bring(certificates)).toMatchObject({ isNew: false })
    world.pki.clock.advance(-400 * day)
  })

  it('takes two different ones at once one after the other', async () => {
    const seal = await newSeal()
    const csr = await ask(seal)
    const two = await Promise.all([authority.sign(csr), authority.sign(csr)])
    const outcomes = await Promise.all(two.map((certificate) => bring([certificate, authority.issuing], restart())))
    expect(outcomes.map(({ isNew }) => isNew)).toEqual([true, true])
    expect(await stateOf(seal)).toMatchObject({ state: 'active', certificateNumber: 2 })
    const actions = (await eventsOf(seal)).map(({ action }) => action).filter((action) => /make|renew/.test(action))
    expect(actions).toEqual(['make', 'renew'])
  })

  it.each([1, 2])('is whole or not there after a break at the import (%s)', async (kind) => {
    const when: Break = kind === 1 ? 'not persisted' : 'persisted'
    const seal = await newSeal()
    const certificates = await answer(seal)
    const broken = restart({ database: breakingDatabase(world.database, 1, when) })
    await expect(bring(certificates, broken)).rejects.toThrow(/broken/)
    expect(await stateOf(seal)).toMatchObject({ state: when === 'persisted' ? 'active' : 'waiting' })
    expect(await bring(certificates, restart())).toMatchObject({ isNew: when === 'not persisted' })
    expect(await put(await stateOf(seal), 'B-B')).toMatchObject({ level: 'B-B' })
  })

  describe('refuses a certificate', () => {
    let seal: Seal
    beforeAll(async () => {
      seal = await newSeal()
    })
    const later = (days: number) => new Date(Math.floor(world.pki.clock.now().getTime() / 1000) * 1000 + days * day)

    it('for a key of which none was asked for', async () => {
      const stranger = await ca.encodeCsr({ subject: [['CN', 'Stranger']], key: makeSharedKey().key })
      await refusedFor([await authority.sign(stranger, { profile: 'statement' })], 'KEY_UNKNOWN')
      await refusedFor([authority.issuing, authority.root], 'KEY_UNKNOWN')
    })

    it('that names another organisation, another code or another seal, and takes added places and units', async () => {
      const { subject } = ca.parseCsr(await ask(seal))
      const entries = subject.attributes.map(({ type, value }) => [type, value] as const)
      const renamed = (type: string, value: string) => ({
        subject: entries.map(([known, old]) => [known, known === type ? value : old] as const),
      })
      await refusedFor(await answer(seal, renamed('2.5.4.10', '云汀市民政局')), 'NAME_DIFFERS')
      await refusedFor(await answer(seal, renamed('2.5.4.97', 'NTRCN-11330199MB00000025')), 'NAME_DIFFERS')
      await refusedFor(await answer(seal, renamed('2.5.4.3', '云汀市民政局')), 'NAME_DIFFERS')
      await refusedFor(await answer(seal, renamed('2.5.4.6', 'US')), 'NAME_DIFFERS')
      const other = await newSeal()
      const asked = ca.parseCsr(await ask(other)).subject.attributes.map(({ type, value }) => [type, value] as const)
      const added = {
        subject: [...asked.slice(0, 1), ['ST', '云省'] as const, ...asked.slice(1), ['OU', '公章'] as const],
      }
      expect(await bring(await answer(other, added))).toMatchObject({ isNew: true })
    })

    it('that is for other uses', async () => {
      await refusedFor(await answer(seal, { profile: 'statement' }), 'EXTENDED_KEY_USAGE')
      await refusedFor(await answer(seal, { profile: 'time-stamp' }), 'EXTENDED_KEY_USAGE')
    })

    it('that has ended or does not count yet', async () => {
      world.pki.clock.advance(60 * day)
      const ended = { notBefore: later(-50), notAfter: later(-1) }
      await refusedFor(await answer(seal, ended), 'EXPIRED')
      await refusedFor(await answer(seal, { notBefore: later(1) }), 'NOT_YET_VALID')
      world.pki.clock.advance(-60 * day)
    })

    it('of another authority, of one with the same name, or without the certificates between', async () => {
      const stranger = await openOutsideAuthority(world.pki.clock, 'Stranger')
      const forged = await openOutsideAuthority(world.pki.clock)
      const csr = await ask(seal)
      try {
        await refusedFor([await stranger.sign(csr), stranger.issuing, stranger.root], 'NO_CERTIFICATE_CHAIN_FOUND')
        const failure = await bring([await forged.sign(csr), forged.issuing, forged.root]).catch((error) => error)
        expect(failure).toMatchObject({ code: 'SEAL_CERTIFICATE_REFUSED' })
        await refusedFor([await authority.sign(csr)], 'NO_CERTIFICATE_CHAIN_FOUND')
      } finally {
        await stranger.close()
        await forged.close()
      }
    })

    it('that tells nobody by http where it is revoked', async () => {
      const silent = { crlUrl: 'ldap://127.0.0.1/cn=list', caIssuersUrl: `${authority.url}/seal.cer` }
      await refusedFor(await answer(seal, silent), 'ADDRESS_MISSING')
    })

    it('that is revoked, and takes one of which nobody can tell with a warning', async () => {
      const revoked = await answer(seal)
      authority.revoked.push(revoked[0]!)
      world.pki.clock.advance(2 * 60_000)
      await refusedFor(revoked, 'REVOKED')
      const elsewhere = await newSeal()
      const certificates = await answer(elsewhere, { crlUrl: 'http://127.0.0.1:9/none.crl' })
      const { isNew, remarks } = await bring(certificates)
      expect(isNew).toBe(true)
      expect(remarks.map(({ text }) => text).join()).toContain('revocation is not known')
    })

    it('that is cut short, empty, or too many', async () => {
      const [certificate] = await answer(seal)
      await rejectsWithCode(bring([certificate!.subarray(0, -1)]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(bring([new Uint8Array(0)]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(bring([systemIds.bytes(400)]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(bring([]), 'SEAL_CERTIFICATE_UNREADABLE')
      await rejectsWithCode(bring(Array.from({ length: 21 }, () => certificate!)), 'SEAL_CERTIFICATE_UNREADABLE')
    })

    it('while nothing of it has changed anything', async () => {
      expect(await stateOf(seal)).toMatchObject({ state: 'waiting', certificateNumber: null })
    })
  })

  describe('renewal', () => {
    it('takes a later certificate of the same key without a pause, and keeps the one before in the trust list', async () => {
      const seal = (await bring(await answer(await newSeal()))).seal
      const before = (await put(seal, 'B-LT')).pdf
      world.pki.clock.advance(300 * day)
      await world.pki.pki.refreshCrls()
      const renewed = await bring(await answer(seal))
      expect(renewed).toMatchObject({
        isNew: true,
        seal: { state: 'active', certificateNumber: 2, keyName: seal.keyName },
      })
      const sealed = await put(renewed.seal, 'B-LT', restart())
      const both = [...world.pki.pki.anchors(), authority.root]
      expect(await judge(sealed.pdf, both)).toMatchObject({ verdict: 'accepted' })
      expect(await judge(before, both)).toMatchObject({ verdict: 'accepted' })
      const inUse = (await seals.certificates(market.code)).find(({ sealId }) => sealId === seal.id)!
      expect(inUse).toMatchObject({ number: 2, source: 'outside' })
      const listed = (await seals.publicKeys()).find(({ departmentCode }) => departmentCode === market.code)!
      const listedSince = (certificate: Uint8Array) =>
        listed.services.find((one) => Buffer.compare(one.certificate, certificate) === 0)?.states
      expect(listedSince(inUse.certificate)).toEqual([{ state: 'granted', since: inUse.at }])
      const [first] = await world.database.query<{ certificate: Uint8Array }>(
        'select certificate from seal.seal_certificates where seal_id = $1 and number = 1',
        [seal.id],
      )
      expect(listedSince(first!.certificate)).toHaveLength(1)
    })

    it('moves to a new key with its certificate; the old key’s cannot come back', async () => {
      const seal = (await bring(await answer(await newSeal()))).seal
      const csr = await ask(seal, { newKey: true })
      expect(await ask(seal, { newKey: true })).toEqual(csr)
      expect(ca.parseCsr(csr).subjectPublicKeyInfo).not.toEqual((await world.keyStore.get(seal.keyName)).publicKey)
      expect(await stateOf(seal)).toMatchObject({ keyName: seal.keyName, certificateNumber: 1 })
      const renewed = await bring([await authority.sign(csr), authority.issuing])
      expect(renewed.seal).toMatchObject({ keyName: `${seal.keyName}-2`, certificateNumber: 2 })
      expect(await put(renewed.seal, 'B-B')).toMatchObject({ level: 'B-B' })
      await refusedFor(await answerOfOldKey(seal), 'KEY_SUPERSEDED')
      const third = await seals.requestCertificate({
        sealId: seal.id,
        organisation: market.name,
        newKey: true,
        callerId: by,
      })
      expect(third.keyName).toBe(`${seal.keyName}-3`)
    })
    const answerOfOldKey = async (seal: Seal) => {
      const [row] = await world.database.query<{ csr: Uint8Array }>(
        'select csr from seal.certificate_requests where seal_id = $1 and key_name = $2',
        [seal.id, seal.keyName],
      )
      return [await authority.sign(row!.csr), authority.issuing]
    }

    it('refuses one made before the one in use, and anything for a seal that was revoked', async () => {
      const seal = await newSeal()
      const older = await answer(seal)
      world.pki.clock.advance(60_000)
      await bring(await answer(seal))
      await refusedFor(older, 'OLDER')
      await seals.changeSealState({ sealId: seal.id, action: 'suspend', reason: 'test', callerId: by })
      world.pki.clock.advance(60_000)
      expect((await bring(await answer(seal))).seal).toMatchObject({ state: 'suspended', certificateNumber: 2 })
      world.pki.clock.advance(60_000)
      const next = await answer(seal)
      await seals.changeSealState({ sealId: seal.id, action: 'revoke', reason: 'test', callerId: by })
      await rejectsWithCode(bring(next), 'SEAL_REVOKED')
      await rejectsWithCode(ask(seal), 'SEAL_REVOKED')
    })

    it('is needed when the certificate has ended: nothing is sealed until it comes', async () => {
      const seal = (await bring(await answer(await newSeal()))).seal
      const messages: object[] = []
      const warned = restart({
        log: { warn: (text: string, facts: object) => messages.push({ text, ...facts }) } as never,
      })
      world.pki.clock.advance(320 * day)
      await warned.outside.refresh()
      expect(messages).toContainEqual(
        expect.objectContaining({ sealId: seal.id, text: expect.stringContaining('renewed') }),
      )
      world.pki.clock.advance(50 * day)
      await rejectsWithCode(put(seal, 'B-B'), 'SEAL_CERTIFICATE_EXPIRED')
      const renewed = (await bring(await answer(seal))).seal
      expect(await put(renewed, 'B-B')).toMatchObject({ level: 'B-B' })
    })

    it('takes a seal of the house’s own authority over to the outside one', async () => {
      await world.pki.pki.refreshCrls()
      const seal = await stateOf(world.seal)
      const taken = await bring(await answer(seal, {}, {}))
      expect(taken).toMatchObject({ isNew: true, seal: { state: 'active', certificateNumber: 2 } })
    })
  })

  describe('evidence from the authority', () => {
    it('waits for a list made after the time stamp: B-T until then, B-LT later', async () => {
      const seal = (await bring(await answer(await newSeal()))).seal
      authority.listsFrom = new Date(world.pki.clock.now().getTime() - 3_600_000)
      const sealed = await put(seal, 'B-LT', restart())
      expect(sealed).toMatchObject({ level: 'B-T', shortfall: { code: 'SEAL_REVOCATION_DATA_MISSING' } })
      authority.listsFrom = null
      world.pki.clock.advance(120_000)
      const { identifier, pdf, level } = sealed
      const [raised] = await restart().augmentDocuments([{ identifier, pdf, level, target: 'B-LT' }])
      expect(raised).toMatchObject({ level: 'B-LT', shortfall: null })
    })

    const faults: readonly (readonly [what: string, handle: (response: ServerResponse) => unknown, code: string])[] = [
      ['does not answer', () => undefined, 'UPSTREAM_UNAVAILABLE'],
      [
        'sends others elsewhere',
        (response) => response.writeHead(302, { Location: `${authority.url}/root.crl` }).end(),
        'UPSTREAM_UNAVAILABLE',
      ],
      ['never ends', (response) => response.write(Buffer.alloc(17 << 20, 0x30)), 'UPSTREAM_UNAVAILABLE'],
      ['gives no list', (response) => response.end('no list'), 'CRL_MALFORMED'],
    ]
    it.each(faults)(
      'leaves a document at B-T when its server %s, and asks it once a minute',
      async (_what, handle, code) => {
        const seal = (await bring(await answer(await newSeal()))).seal
        const sound = authority.handle
        let asked = 0
        authority.handle = (_request, response) => {
          asked++
          handle(response)
        }
        try {
          const service = restart()
          const sealed = await put(seal, 'B-LT', service)
          expect(sealed).toMatchObject({ level: 'B-T', shortfall: { code } })
          await put(seal, 'B-LT', service)
          expect(asked).toBe(2)
          expect(await service.outside.lists()).toEqual([])
        } finally {
          authority.handle = sound
        }
      },
      30_000,
    )
  })

  describe('trust in an authority', () => {
    it('is refused to what is none, has ended, or says TEST in production', async () => {
      const [leaf] = await answer(await newSeal())
      await rejectsWithCode(seals.trustAuthority(leaf!, by), 'SEAL_AUTHORITY_REFUSED')
      await rejectsWithCode(seals.trustAuthority(leaf!.subarray(1), by), 'SEAL_AUTHORITY_REFUSED')
      const test = await openOutsideAuthority(world.pki.clock, 'TEST Licensed')
      await test.close()
      await rejectsWithCode(restart({ production: true }).trustAuthority(test.root, by), 'SEAL_AUTHORITY_REFUSED')
    })

    it('is given once, ended once, and without it nothing is taken', async () => {
      const other = await openOutsideAuthority(world.pki.clock, 'Second Licensed')
      try {
        const given = await Promise.all([
          seals.trustAuthority(other.root, by),
          restart().trustAuthority(other.root, by),
        ])
        expect(given.filter(Boolean)).toHaveLength(1)
        expect(seals.outside.anchors()).toEqual([authority.root, other.root])
        const seal = await newSeal()
        const certificates = [await other.sign(await ask(seal)), other.issuing]
        expect(await seals.distrustAuthority(other.root, by)).toBe(true)
        expect(await seals.distrustAuthority(other.root, by)).toBe(false)
        await refusedFor(certificates, 'NO_CERTIFICATE_CHAIN_FOUND')
        expect(await seals.trustAuthority(other.issuing, by)).toBe(true)
        const { seal: made } = await bring(certificates)
        const again = restart()
        await again.start()
        const sealed = await put(made, 'B-LT', again)
        expect(sealed).toMatchObject({ level: 'B-LT', shortfall: null })
        const both = [...world.pki.pki.anchors(), other.issuing]
        expect(await judge(sealed.pdf, both)).toMatchObject({ verdict: 'accepted' })
      } finally {
        await other.close()
      }
    })
  })
})
