import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, ocsp, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  extension,
  extKeyUsage,
  type Forged,
  type ForgedOcsp,
  type ForgedSingle,
  forge,
  forgeCa,
  forgeCrl,
  forgeOcsp,
  keyUsage,
} from '../../support/forge-pki.ts'

const { encodeGeneralizedTime, encodeInteger, encodeNull, encodeSequence } = asn1
const noCheck = extension(OID.ocspNoCheck, encodeNull())
const forOcsp = extKeyUsage(OID.ocspSigning)
const minutes = (count: number): Date => new Date(testTimes.now.getTime() + count * 60_000)

describe('verifyResponse', () => {
  let root: Forged
  let other: Forged
  let leaf: Forged
  let delegate: Forged
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
    other = await forgeCa({ name: 'Other' })
    leaf = await forge({ name: 'Leaf', issuer: root })
    delegate = await forge({ name: 'Responder', issuer: root, extensions: [keyUsage([0]), forOcsp, noCheck] })
  })

  const answer = (spec: Partial<ForgedOcsp> = {}, single: Partial<ForgedSingle> = {}) =>
    forgeOcsp({
      signer: root,
      singles: [{ certificate: leaf.certificate, issuer: root, ...single }],
      ...spec,
    }).then(ocsp.parseResponse)
  const verify = (response: ocsp.OcspResponse, changes: Partial<ocsp.OcspQuestion> = {}) =>
    ocsp.verifyResponse(response, {
      issuer: root.certificate,
      certificate: leaf.certificate,
      at: testTimes.now,
      ...changes,
    })
  const byDelegate = (signer: Forged, spec: Partial<ForgedOcsp> = {}) =>
    answer({ signer, certificates: [signer.der], ...spec })

  it.each(['name', 'key'] as const)('takes the word of the issuer itself, named by %s', async (by) => {
    expect(await verify(await answer({ by }))).toBeNull()
  })

  it.each(['SHA-1', 'SHA-256'] as const)('matches a certificate identified with %s', async (digest) => {
    expect(await verify(await answer({}, { digest }))).toBeNull()
  })

  it.each(['name', 'key'] as const)(
    'takes the word of a delegate that the issuer certified, named by %s',
    async (by) => {
      expect(await verify(await byDelegate(delegate, { by }))).toBeNull()
      const bare = await answer({ signer: delegate, by })
      expect(await verify(bare)).toBe('RESPONDER_UNKNOWN')
      expect(await verify(bare, { candidates: [delegate.certificate] })).toBeNull()
    },
  )

  it('tells the revocation with its time and reason', async () => {
    const revokedAt = new Date('2026-05-01T08:00:00Z')
    const response = await answer({}, { status: { revokedAt, reason: 1 } })
    expect(await verify(response)).toBeNull()
    const single = await ocsp.findSingle(response, { certificate: leaf.certificate, issuer: root.certificate })
    expect(single).toMatchObject({ status: 'revoked', revocationDate: revokedAt, reason: 'keyCompromise' })
  })

  it('prefers, among several words on one certificate, the one that revokes', async () => {
    const { certificate } = leaf
    const response = await answer({
      singles: [
        { certificate, issuer: root, thisUpdate: minutes(-1) },
        { certificate, issuer: root, status: { revokedAt: testTimes.start } },
      ],
    })
    expect((await ocsp.findSingle(response, { certificate, issuer: root.certificate }))?.status).toBe('revoked')
  })

  it('says nothing on other serial numbers, nor on the same number of another issuer', async () => {
    const twin = await forge({ name: 'Twin', issuer: other, serial: leaf.certificate.serialNumber })
    const neighbour = await forge({ name: 'Neighbour', issuer: root })
    const response = await answer()
    expect(await verify(response, { certificate: neighbour.certificate })).toBe('NO_ANSWER')
    expect(await verify(response, { certificate: twin.certificate, issuer: other.certificate })).toBe('NO_ANSWER')
  })

  describe('responders without authority', () => {
    const cases: readonly (readonly [what: string, fault: ocsp.OcspFault, make: () => Promise<ocsp.OcspResponse>])[] = [
      ['another CA', 'RESPONDER_UNAUTHORISED', () => byDelegate(other)],
      ['another CA that sends nothing along', 'RESPONDER_UNKNOWN', () => answer({ signer: other })],
      [
        'an ordinary certificate of the issuer',
        'RESPONDER_UNAUTHORISED',
        async () => byDelegate(await forge({ name: 'Plain', issuer: root })),
      ],
      ['the certificate in question', 'RESPONDER_UNAUTHORISED', () => byDelegate(leaf)],
      [
        'one for any usage, which is not OCSP signing by name',
        'RESPONDER_UNAUTHORISED',
        async () =>
          byDelegate(await forge({ issuer: root, extensions: [extKeyUsage(OID.anyExtendedKeyUsage), noCheck] })),
      ],
      [
        'a delegate of another CA',
        'RESPONDER_UNAUTHORISED',
        async () => byDelegate(await forge({ issuer: other, extensions: [forOcsp, noCheck] })),
      ],
      [
        'a delegate of a CA with the name of the issuer',
        'RESPONDER_UNAUTHORISED',
        async () =>
          byDelegate(await forge({ issuer: await forgeCa({ name: 'Root' }), extensions: [forOcsp, noCheck] })),
      ],
      [
        'a delegate two steps below',
        'RESPONDER_UNKNOWN',
        async () => {
          const below = await forgeCa({ name: 'Below', issuer: root })
          return answer({
            signer: await forge({ issuer: below, extensions: [forOcsp, noCheck] }),
            certificates: [below.der],
          })
        },
      ],
      [
        'a delegate whose key may not sign',
        'RESPONDER_UNAUTHORISED',
        async () => byDelegate(await forge({ issuer: root, extensions: [keyUsage([2]), forOcsp, noCheck] })),
      ],
      [
        'a delegate with an unknown critical extension',
        'RESPONDER_UNAUTHORISED',
        async () =>
          byDelegate(await forge({ issuer: root, extensions: [forOcsp, extension('1.2.3.4', encodeNull(), true)] })),
      ],
      [
        'a delegate that has expired',
        'RESPONDER_EXPIRED',
        async () => byDelegate(await forge({ issuer: root, notAfter: minutes(-1), extensions: [forOcsp, noCheck] })),
      ],
      [
        'a delegate not valid yet',
        'RESPONDER_EXPIRED',
        async () => byDelegate(await forge({ issuer: root, notBefore: minutes(1), extensions: [forOcsp, noCheck] })),
      ],
    ]
    it.each(cases)('%s: %s', async (_, fault, make) => {
      expect(await verify(await make())).toBe(fault)
    })

    it('a key of the right name that did not sign', async () => {
      const impostor = await forgeCa({ name: 'Root' })
      expect(await verify(await answer({ signer: impostor, by: 'name' }))).toBe('SIGNATURE_INVALID')
      const forged = { ...delegate, key: other.key }
      expect(await verify(await byDelegate(forged, { by: 'name' }))).toBe('SIGNATURE_INVALID')
    })

    it('any response with an octet changed', async () => {
      const { raw } = await byDelegate(delegate)
      let refused = 0
      for (let at = 0; at < raw.length; at++) {
        const changed = raw.slice()
        changed[at]! ^= 1
        try {
          const response = ocsp.parseResponse(changed)
          const fault = await verify(response)
          // The certificate sent along and the encoding of a hash's parameters may change without harm to what is signed.
          if (fault === null) expect(response.tbs).toEqual(ocsp.parseResponse(raw).tbs)
          else refused++
        } catch (error) {
          expect(error).toMatchObject({ name: 'PkiError' })
          refused++
        }
      }
      expect(refused).toBeGreaterThan(raw.length * 0.95)
    })
  })

  it('asks for the status of a delegate without nocheck, where the caller can tell it', async () => {
    const checked = await forge({ name: 'Checked', issuer: root, extensions: [forOcsp] })
    const response = await byDelegate(checked)
    expect(await verify(response)).toBeNull()
    expect(await verify(response, { checkDelegate: async () => 'good' })).toBeNull()
    expect(await verify(response, { checkDelegate: async () => 'revoked' })).toBe('RESPONDER_REVOKED')
    expect(await verify(response, { checkDelegate: async () => 'unknown' })).toBe('RESPONDER_STATUS_UNKNOWN')
    expect(await verify(await byDelegate(delegate), { checkDelegate: async () => 'revoked' })).toBeNull()
  })

  it('counts while fresh, five minutes of clock difference allowed', async () => {
    const response = await answer()
    const { thisUpdate, nextUpdate } = testTimes
    expect(await verify(response, { at: new Date(thisUpdate.getTime() - 300_000) })).toBeNull()
    expect(await verify(response, { at: new Date(thisUpdate.getTime() - 300_001) })).toBe('NOT_YET_ISSUED')
    expect(await verify(response, { at: new Date(nextUpdate.getTime() - 1) })).toBeNull()
    expect(await verify(response, { at: nextUpdate })).toBe('STALE')
    expect(await verify(await answer({ producedAt: minutes(6) }))).toBe('NOT_YET_ISSUED')
  })

  it('lets an answer without nextUpdate count for an hour', async () => {
    const at = (count: number) =>
      answer({ producedAt: minutes(count) }, { thisUpdate: minutes(count), nextUpdate: null })
    expect(await verify(await at(-59))).toBeNull()
    expect(await verify(await at(-60))).toBe('STALE')
  })

  it('judges the past by answers made within a span', async () => {
    const response = await answer(
      { producedAt: minutes(-600) },
      { thisUpdate: minutes(-600), nextUpdate: minutes(-500) },
    )
    expect(await verify(response)).toBe('STALE')
    const within = (from: number, until: number) =>
      verify(response, { at: minutes(-700), madeWithin: { from: minutes(from), until: minutes(until) } })
    expect(await within(-700, 0)).toBeNull()
    expect(await within(-600, -600)).toBeNull()
    expect(await within(-599, 0)).toBe('STALE')
    expect(await within(-700, -601)).toBe('NOT_YET_ISSUED')
  })

  it('counts after the expiry of a certificate only where the responder remembers so far back', async () => {
    const expired = await forge({ name: 'Old', issuer: root, notAfter: new Date('2026-03-01T00:00:00Z') })
    const ask = async (...extensions: Uint8Array[]) => {
      const response = await answer({ singles: [{ certificate: expired.certificate, issuer: root, extensions }] })
      return verify(response, { certificate: expired.certificate })
    }
    const cutoff = (day: string) => extension(OID.ocspArchiveCutoff, encodeGeneralizedTime(new Date(day)))
    expect(await ask()).toBe('AFTER_EXPIRY')
    expect(await ask(cutoff('2026-03-02'))).toBe('AFTER_EXPIRY')
    expect(await ask(cutoff('2026-02-01'))).toBeNull()
    expect(await ask(extension(OID.ocspArchiveCutoff, Uint8Array.of(5, 0)))).toBe('AFTER_EXPIRY')
    const revoked = { certificate: expired.certificate, issuer: root, status: { revokedAt: testTimes.start } }
    expect(await verify(await answer({ singles: [revoked] }), { certificate: expired.certificate })).toBeNull()
  })

  it('refuses critical extensions that it does not process', async () => {
    const unknown = extension('1.2.3.4', encodeNull(), true)
    expect(await verify(await answer({ extensions: [unknown] }))).toBe('CRITICAL_EXTENSION_UNKNOWN')
    expect(await verify(await answer({}, { extensions: [unknown] }))).toBe('CRITICAL_EXTENSION_UNKNOWN')
    expect(await verify(await answer({ extensions: [extension('1.2.3.4', encodeNull())] }))).toBeNull()
  })

  it('reads the nonce', async () => {
    const nonce = asn1.encodeOctetString(Uint8Array.of(1, 2, 3))
    expect((await answer({ extensions: [extension(OID.ocspNonce, nonce)] })).nonce).toEqual(nonce)
  })

  it('tries no more than a few delegates, however many are sent along', async () => {
    const crowd = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        forge({ name: 'Responder', issuer: root, serial: 5000 + i, extensions: [forOcsp] }),
      ),
    )
    const response = await answer({
      signer: delegate,
      by: 'name',
      certificates: [...crowd.map(({ der }) => der), delegate.der],
    })
    expect(await verify(response)).toBe('LIMIT_EXCEEDED')
  })
})

describe('parseResponse', () => {
  it('tells the error of a responder that gives no answer', () => {
    for (const [code, name] of [
      [1, 'malformedRequest'],
      [3, 'tryLater'],
      [6, 'unauthorized'],
    ] as const) {
      const der = encodeSequence(encodeInteger(code, asn1.TAG.enumerated))
      expect(() => ocsp.parseResponse(der)).toThrow(expect.objectContaining({ code: 'OCSP_UNSUCCESSFUL' }))
      expect(() => ocsp.parseResponse(der)).toThrow(name)
    }
  })

  it('refuses what is no response, and what is too large', () => {
    for (const der of [
      Uint8Array.of(),
      Uint8Array.of(0x30, 0),
      encodeSequence(encodeInteger(0, asn1.TAG.enumerated)),
      encodeSequence(encodeInteger(4, asn1.TAG.enumerated)),
    ]) {
      expect(() => ocsp.parseResponse(der)).toThrow(expect.objectContaining({ code: 'OCSP_MALFORMED' }))
    }
    expect(() => ocsp.parseResponse(new Uint8Array(2 ** 21))).toThrow(
      expect.objectContaining({ code: 'DER_LIMIT_EXCEEDED' }),
    )
  })
})

describe('validatePath with OCSP responses', () => {
  let root: Forged
  let ca: Forged
  let leaf: Forged
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
    ca = await forgeCa({ name: 'CA', issuer: root })
    leaf = await forge({ name: 'Leaf', issuer: ca })
  })
  const validate = (changes: Partial<x509.PathRequest>) =>
    x509.validatePath({
      leaf: leaf.certificate,
      intermediates: [ca.certificate],
      anchors: [root.certificate],
      at: testTimes.now,
      ...changes,
    })
  const about = (subject: Forged, issuer: Forged, single: Partial<ForgedSingle> = {}, signer = issuer) =>
    forgeOcsp({
      signer,
      certificates: [signer.der],
      singles: [{ certificate: subject.certificate, issuer, ...single }],
    })

  it('needs an answer for every certificate but the anchor, and says by which', async () => {
    const ocsps = [await about(leaf, ca), await about(ca, root)]
    const result = await validate({ ocsps })
    expect(result.valid).toBe(true)
    expect(result.revocation.map(({ answer }) => [answer?.kind, answer?.thisUpdate, answer?.nextUpdate])).toEqual(
      Array(2).fill(['ocsp', testTimes.thisUpdate, testTimes.nextUpdate]),
    )
    expect(await validate({ ocsps: ocsps.slice(0, 1) })).toMatchObject({ reason: 'REVOCATION_UNKNOWN', faultIndex: 1 })
    expect(await validate({ ocsps: [] })).toMatchObject({ valid: false, reason: 'REVOCATION_UNKNOWN' })
  })

  it('joins lists and responses; whichever revokes decides', async () => {
    const crls = [await forgeCrl({ issuer: root }), await forgeCrl({ issuer: ca })]
    const ocsps = [await about(leaf, ca)]
    expect((await validate({ ocsps, crls })).revocation.map(({ answer }) => answer?.kind)).toEqual(['ocsp', 'crl'])
    const revoked = await about(leaf, ca, { status: { revokedAt: testTimes.start, reason: 4 } })
    expect(await validate({ crls, ocsps: [revoked, ...ocsps] })).toMatchObject({ reason: 'REVOKED', faultIndex: 0 })
    const serial = leaf.certificate.serialNumber
    const revoking = [crls[0]!, await forgeCrl({ issuer: ca, entries: [{ serial }] })]
    expect(await validate({ crls: revoking, ocsps })).toMatchObject({ reason: 'REVOKED', faultIndex: 0 })
  })

  it('hashes an issuer once, however many single responses name it, and counts the signatures it checks', async () => {
    expect(ocsp.hashIssuer(ca.certificate, 'SHA-1')).toBe(ocsp.hashIssuer(ca.certificate, 'SHA-1'))
    const delegate = await forge({ name: 'Responder', issuer: ca, extensions: [forOcsp, noCheck] })
    const signatures = x509.createSignatureCache()
    const asked: unknown[] = []
    const counting: x509.SignatureCache = {
      ask(signed, signer, check) {
        asked.push(signed)
        return signatures.ask(signed, signer, check)
      },
    }
    const own = ocsp.parseResponse(await about(leaf, ca, {}, delegate))
    const upper = ocsp.parseResponse(await about(ca, root))
    expect(await validate({ ocsps: [own, upper], signatures: counting })).toMatchObject({ valid: true })
    expect(asked).toEqual(expect.arrayContaining([own, upper]))
    expect(asked.some((signed) => (signed as x509.Certificate).raw.length === delegate.der.length)).toBe(true)
  })

  it('takes "unknown" for no answer, and a stale one for stale', async () => {
    const upper = await about(ca, root)
    expect(await validate({ ocsps: [upper, await about(leaf, ca, { status: 'unknown' })] })).toMatchObject({
      reason: 'REVOCATION_UNKNOWN',
    })
    expect(await validate({ ocsps: [upper, await about(leaf, ca, { nextUpdate: testTimes.now })] })).toMatchObject({
      reason: 'REVOCATION_STALE',
    })
  })

  it('checks a delegate without nocheck against the lists of its issuer', async () => {
    const upper = await about(ca, root)
    const delegate = await forge({ name: 'Responder', issuer: ca, extensions: [forOcsp] })
    const ocsps = [upper, await about(leaf, ca, {}, delegate)]
    expect(await validate({ ocsps })).toMatchObject({ reason: 'REVOCATION_UNKNOWN' })
    const good = [await forgeCrl({ issuer: ca })]
    expect(await validate({ ocsps, crls: good })).toMatchObject({ valid: true })
    const serial = delegate.certificate.serialNumber
    const bad = await validate({ ocsps, crls: [await forgeCrl({ issuer: ca, entries: [{ serial }] })] })
    expect(bad.revocation[0]).toMatchObject({ answer: { kind: 'crl' }, faults: ['RESPONDER_REVOKED'] })
  })

  it('takes a revocation after the time judged for none yet, when answers made later are asked', async () => {
    const revokedAt = new Date('2026-05-01T00:00:00Z')
    const ocsps = [await about(ca, root), await about(leaf, ca, { status: { revokedAt } })]
    const madeWithin = { from: testTimes.start, until: testTimes.now }
    const past = await validate({ ocsps, at: new Date(revokedAt.getTime() - 1), madeWithin })
    expect(past).toMatchObject({
      valid: true,
      revocation: [{ status: 'good', entry: { revocationDate: revokedAt } }, {}],
    })
    expect(await validate({ ocsps, at: revokedAt, madeWithin })).toMatchObject({ reason: 'REVOKED' })
  })
})
