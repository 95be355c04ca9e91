import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, ca, ecdsaToRaw, eseal, OID, primitives, tsp } from '../../../pki/index.ts'
import {
  makeSeal,
  makeSignature,
  makeV1Seal,
  makeV1Signature,
  propertyInfo,
  protectedData,
  replaceField,
} from '../../fixtures/eseals.ts'
import { createTestPki, type TestPki, testTimes } from '../../fixtures/pki.ts'

type Name =
  | 'root'
  | 'issuing'
  | 'maker'
  | 'seal'
  | 'other'
  | 'maker-ended'
  | 'maker-revoked'
  | 'seal-ended'
  | 'seal-revoked'
  | 'statement'
  | 'tsa'

let pki: TestPki<Name>
let foreign: TestPki<'root' | 'issuing' | 'maker'>
const early = new Date('2026-03-01T00:00:00Z')
const later = new Date('2026-05-01T00:00:00Z')

beforeAll(async () => {
  pki = await createTestPki<Name>({
    root: { key: 'sm2' },
    issuing: { under: 'root', key: 'sm2' },
    maker: { under: 'issuing', key: 'sm2', profile: 'seal-maker' },
    seal: { under: 'issuing', key: 'sm2' },
    other: { under: 'issuing', key: 'sm2' },
    'maker-ended': { under: 'issuing', key: 'sm2', profile: 'seal-maker', notAfter: early },
    'maker-revoked': { under: 'issuing', key: 'sm2', profile: 'seal-maker', revokedAt: early },
    'seal-ended': { under: 'issuing', key: 'sm2', notAfter: later },
    'seal-revoked': { under: 'issuing', key: 'sm2', revokedAt: later },
    statement: { under: 'issuing', key: 'sm2', profile: 'statement' },
    tsa: { under: 'issuing', key: 'ec-p256', profile: 'time-stamp' },
  })
  foreign = await createTestPki({
    root: { key: 'sm2', subject: [['CN', 'TEST foreign root']] },
    issuing: { under: 'root', key: 'sm2', subject: [['CN', 'TEST foreign CA']] },
    maker: { under: 'issuing', key: 'sm2', profile: 'seal-maker' },
  })
})

async function trust(changed: Partial<eseal.SesTrust> = {}): Promise<eseal.SesTrust> {
  return {
    anchors: [pki.get('root').certificate],
    intermediates: [pki.get('issuing').certificate],
    crls: await pki.crls(),
    at: testTimes.now,
    ...changed,
  }
}

/** The lists as they were shortly before a time, when nothing was revoked. */
const listsOf = (time: Date): Promise<Uint8Array[]> =>
  Promise.all(
    (['root', 'issuing'] as const).map((name) =>
      ca.issueCrl({
        issuer: { certificate: pki.get(name).certificate },
        key: pki.get(name).key,
        thisUpdate: new Date(time.getTime() - 7 * 86_400_000),
        nextUpdate: time,
        crlNumber: 1,
        entries: [],
      }),
    ),
  )

/** A stamp of the test TSA over a signature value. */
const stampAt =
  (genTime: Date, over?: Uint8Array) =>
  async (signature: Uint8Array): Promise<Uint8Array> => {
    const tsa = pki.get('tsa')
    const signer = tsp.compileTokenSigner({
      certificate: tsa.certificate,
      chain: tsa.chain,
      signatureAlgorithm: 'ecdsa-with-SHA256',
      policy: '1.3.6.1.4.1.99999.1',
      accuracySeconds: 1,
    })
    const digest = primitives.digestSync('SHA-256', over ?? signature)
    const prepared = signer.prepare({
      messageImprint: { algorithm: 'SHA-256', digest },
      serialNumber: Uint8Array.of(7),
      genTime,
    })
    return prepared.assemble(await tsa.key.sign(prepared.toSign))
  }

const verifySeal = async (bytes: Uint8Array, changed: Partial<eseal.SesTrust> = {}) =>
  eseal.verifySeal(eseal.parseSeal(bytes), await trust(changed))
const verifySignature = async (bytes: Uint8Array, changed: Partial<eseal.SesTrust> = {}, data = protectedData) =>
  eseal.verifySignature(eseal.parseSignature(bytes), data, await trust(changed))
const outcomes = (steps: readonly { step: string; outcome: string }[]): string =>
  steps.map(({ step, outcome }) => `${step} ${outcome}`).join(', ')

describe('verifySeal', () => {
  it('passes every step of a sound seal of each layout', async () => {
    const [maker, seal] = [pki.get('maker'), pki.get('seal')]
    const v5 = await verifySeal(await makeSeal(maker, seal))
    expect(outcomes(v5.steps)).toBe('a passed, b passed, made passed, c passed, d passed')
    const v4 = await verifySeal(await makeSeal(maker, seal, { layout: 'V4' }))
    expect(outcomes(v4.steps)).toBe('a passed, b passed, c passed, d passed')
    const v1 = await verifySeal(await makeV1Seal(maker, seal))
    expect(outcomes(v1.steps)).toBe('a passed, b passed, c passed, d passed')
    expect([v5, v4, v1].map(({ verdict }) => verdict)).toEqual(['valid', 'valid', 'valid'])
  })

  it('is undecided without trust, whatever the maker signed', async () => {
    const seal = eseal.parseSeal(await makeSeal(pki.get('maker'), pki.get('seal')))
    expect(await eseal.verifySeal(seal)).toMatchObject({
      verdict: 'undecided',
      reason: 'TRUST_NOT_GIVEN',
      signatureValid: true,
    })
  })

  it('takes r ‖ s of the maker, and not of another key', async () => {
    const [maker, other] = [pki.get('maker'), pki.get('other')]
    const sound = await makeSeal(maker, pki.get('seal'))
    const { signedBytes } = eseal.parseSeal(sound)
    for (const [key, verdict] of [
      [maker.key, 'valid'],
      [other.key, 'invalid'],
    ] as const) {
      const raw = ecdsaToRaw(await key.sign(signedBytes), 32)
      const rewritten = replaceField(sound, [3], () => asn1.encodeBitString(raw))
      expect((await verifySeal(rewritten)).verdict).toBe(verdict)
    }
  })

  it('refuses a seal of a maker nobody trusts as undecided, and a broken one as invalid', async () => {
    const stranger = await makeSeal(foreign.get('maker'), pki.get('seal'))
    expect(await verifySeal(stranger)).toMatchObject({ verdict: 'undecided', reason: 'MAKER_NOT_TRUSTED' })
    const sound = await makeSeal(pki.get('maker'), pki.get('seal'))
    const renamed = replaceField(sound, [0, 2, 1], () => asn1.encodeUtf8String('假冒印章'))
    expect(await verifySeal(renamed)).toMatchObject({ verdict: 'invalid', reason: 'SIGNATURE_INVALID' })
    const otherAlgorithm = replaceField(sound, [2], () => asn1.encodeOid(OID.ecdsaWithSHA256))
    expect(await verifySeal(otherAlgorithm)).toMatchObject({
      verdict: 'invalid',
      reason: 'SIGNATURE_ALGORITHM_UNKNOWN',
    })
    const noCertificate = replaceField(sound, [1], () => asn1.encodeOctetString(Uint8Array.of(0x30, 0)))
    expect(await verifySeal(noCertificate)).toMatchObject({ verdict: 'invalid', reason: 'MAKER_CERTIFICATE_MALFORMED' })
  })

  it('checks the value with the key of a certificate that does not parse, and refuses its owner', async () => {
    const { certificate } = pki.get('maker')
    // A validity without an end: framed as DER, no certificate of RFC 5280.
    const odd = replaceField(certificate, [0, 4], ({ children }) => asn1.encodeSequence(children[0]!.raw))
    const sound = await makeSeal(pki.get('maker'), pki.get('seal'))
    const swapped = replaceField(sound, [1], () => asn1.encodeOctetString(odd))
    expect(await verifySeal(swapped)).toMatchObject({
      verdict: 'invalid',
      reason: 'MAKER_CERTIFICATE_MALFORMED',
      signatureValid: true,
    })
    const signed = await makeSignature(sound, pki.get('seal'))
    const oddSigner = replaceField(signed, [1], () =>
      asn1.encodeOctetString(
        replaceField(pki.get('seal').certificate, [0, 4], ({ children }) => asn1.encodeSequence(children[0]!.raw)),
      ),
    )
    const verified = await verifySignature(oddSigner)
    expect(verified).toMatchObject({ verdict: 'invalid', signatureValid: true })
    expect(verified.steps.find(({ step }) => step === 'c')!.reason).toBe('SIGNER_CERTIFICATE_MALFORMED')
  })

  it('refuses a maker whose certificate is for something else', async () => {
    const made = await makeSeal(pki.get('statement'), pki.get('seal'))
    expect(await verifySeal(made)).toMatchObject({ verdict: 'invalid', reason: 'MAKER_CERTIFICATE_INVALID' })
    const byAnyone = await makeSeal(pki.get('other'), pki.get('seal'))
    expect((await verifySeal(byAnyone)).verdict).toBe('valid')
    const isMaker = ({ extKeyUsage = [] }: { extKeyUsage?: readonly string[] | undefined }): boolean =>
      extKeyUsage.includes(OID.sealMaking)
    expect(await verifySeal(byAnyone, { isMaker })).toMatchObject({ verdict: 'invalid', reason: 'MAKER_NOT_A_MAKER' })
  })

  it('goes on in V5 when the maker ended after making, and not in V4', async () => {
    const before = new Date('2026-02-02T00:00:00Z')
    for (const [name, v5, v4] of [
      ['maker-ended', 'MAKER_EXPIRED_SINCE', 'MAKER_EXPIRED'],
      ['maker-revoked', 'MAKER_REVOKED_SINCE', 'MAKER_REVOKED'],
    ] as const) {
      // What is no longer valid leaves the lists: those of its time speak of it.
      const crls = name === 'maker-ended' ? await listsOf(early) : await pki.crls()
      const lists = { crls }
      const stamp = name === 'maker-ended' ? undefined : stampAt(before)
      const later5 = await verifySeal(await makeSeal(pki.get(name), pki.get('seal'), {}, stamp), lists)
      expect(later5.verdict).toBe('valid')
      expect(later5.steps.find(({ step }) => step === 'c')).toMatchObject({ outcome: 'noted', reason: v5 })
      const later4 = await verifySeal(await makeSeal(pki.get(name), pki.get('seal'), { layout: 'V4' }), lists)
      expect(later4).toMatchObject({ verdict: 'invalid', reason: v4 })
    }
  })

  it('refuses in V5 a maker that had ended before making', async () => {
    const property = {
      ...{
        type: 1,
        name: '晚',
        certList: { kind: 'certificates', certificates: [pki.get('seal').certificate] } as const,
      },
      ...{ createDate: later, validStart: early, validEnd: new Date('2028-01-01T00:00:00Z') },
    }
    for (const [name, reason] of [
      ['maker-ended', 'MAKER_EXPIRED'],
      ['maker-revoked', 'MAKER_REVOKED'],
    ] as const)
      expect(await verifySeal(await makeSeal(pki.get(name), pki.get('seal'), { property }))).toMatchObject({
        verdict: 'invalid',
        reason,
      })
  })

  it('knows the first and the last second of a seal', async () => {
    const made = await makeSeal(pki.get('maker'), pki.get('seal'))
    const at = async (time: string) => (await verifySeal(made, { at: new Date(time), crls: [], ocsps: [] })).steps
    const validity = async (time: string) => (await at(time)).find(({ step }) => step === 'd')!.reason
    expect(await validity('2026-01-14T23:59:59.999Z')).toBe('SEAL_NOT_YET_VALID')
    expect(await validity('2026-01-15T00:00:00Z')).toBe(null)
    expect(await validity('2029-01-15T00:00:00.999Z')).toBe(null)
    expect(await validity('2029-01-15T00:00:01Z')).toBe('SEAL_EXPIRED')
  })

  it('asks in V5 that the seal held when it was made', async () => {
    const made = await makeSeal(pki.get('maker'), pki.get('seal'))
    const info = asn1.parseDer(
      replaceField(made, [0, 2, 4], () => asn1.encodeGeneralizedTime(new Date('2026-01-14T00:00:00Z'))),
    )
    const body = info.children[0]!.raw
    const signature = asn1.encodeBitString(await pki.get('maker').key.sign(body))
    const resigned = replaceField(
      replaceField(made, [0], () => body),
      [3],
      () => signature,
    )
    expect(await verifySeal(resigned)).toMatchObject({ verdict: 'invalid', reason: 'NOT_VALID_WHEN_MADE' })
  })

  it('judges the time stamp of a V5 seal: over this seal, after it was made, by a trusted authority', async () => {
    const [maker, seal] = [pki.get('maker'), pki.get('seal')]
    const stamped = await makeSeal(maker, seal, {}, stampAt(new Date('2026-02-01T00:00:00Z')))
    expect(outcomes((await verifySeal(stamped)).steps)).toContain('stamp passed')
    const before = await makeSeal(maker, seal, {}, stampAt(new Date('2026-01-31T23:59:59Z')))
    expect(await verifySeal(before)).toMatchObject({ verdict: 'invalid', reason: 'TIME_STAMP_BEFORE_MAKING' })
    const elsewhere = await makeSeal(maker, seal, {}, stampAt(testTimes.now, protectedData))
    expect(await verifySeal(elsewhere)).toMatchObject({ verdict: 'invalid', reason: 'TIME_STAMP_INVALID' })
    const future = await makeSeal(maker, seal, {}, stampAt(new Date('2027-01-01T00:00:00Z')))
    expect(await verifySeal(future)).toMatchObject({ verdict: 'invalid', reason: 'TIME_STAMP_INVALID' })
    const unknown = await verifySeal(stamped, { timeStampAnchors: [foreign.get('root').certificate] })
    expect(unknown).toMatchObject({ verdict: 'undecided', reason: 'TIME_STAMP_UNDECIDED' })
    const garbage = await makeSeal(maker, seal, {}, async () => asn1.encodeSequence())
    expect(await verifySeal(garbage)).toMatchObject({ verdict: 'invalid', reason: 'TIME_STAMP_INVALID' })
  })

  it('tells of critical extensions without failing the seal', async () => {
    const extensions = [
      { oid: '1.2.156.10197.6.7.2.2.1', critical: false, value: asn1.asciiBytes('2.1') },
      { oid: '1.2.3.4', critical: true, value: Uint8Array.of(1) },
    ]
    const verified = await verifySeal(await makeSeal(pki.get('maker'), pki.get('seal'), { extensions }))
    expect(verified).toMatchObject({ verdict: 'valid', criticalExtensions: ['1.2.3.4'] })
  })
})

describe('verifySignature', () => {
  const sealOf = (name: Name, changed: Partial<eseal.SealContent> = {}) =>
    makeSeal(pki.get('maker'), pki.get(name), changed)

  it('passes every step of a sound signature of each layout', async () => {
    const seal = pki.get('seal')
    for (const layout of ['V5', 'V4'] as const) {
      const verified = await verifySignature(await makeSignature(await sealOf('seal', { layout }), seal))
      expect(outcomes(verified.steps)).toBe(
        'a passed, b passed, list passed, c passed, d passed, e passed, f passed, order passed',
      )
      expect(verified).toMatchObject({ verdict: 'valid', isSigningTimeProven: false, signingTime: testTimes.now })
    }
    const v1 = await makeV1Signature(await makeV1Seal(pki.get('maker'), seal), seal)
    expect(await verifySignature(v1)).toMatchObject({ verdict: 'valid', signingTime: testTimes.now })
    const beijing = await makeV1Signature(await makeV1Seal(pki.get('maker'), seal), seal, '20260615200000')
    expect(await verifySignature(beijing)).toMatchObject({ verdict: 'valid', signingTime: testTimes.now })
  })

  it('binds data, place, time and seal', async () => {
    const seal = await sealOf('seal')
    const signed = await makeSignature(seal, pki.get('seal'))
    expect(await verifySignature(signed, {}, protectedData.subarray(1))).toMatchObject({
      verdict: 'invalid',
      reason: 'DATA_HASH_MISMATCH',
    })
    const another = await sealOf('seal', { esId: '11010100000002' })
    for (const [path, field] of [
      [[0, 1], another],
      [[0, 2], asn1.encodeGeneralizedTime(early)],
      [[0, 3], asn1.encodeBitString(primitives.digestSync('SM3', protectedData.subarray(1)))],
      [[0, 4], asn1.encodeElement(asn1.TAG.ia5String, asn1.asciiBytes(propertyInfo.replace('_0', '_1')))],
    ] as const) {
      const changed = replaceField(signed, path, () => field)
      expect(await verifySignature(changed)).toMatchObject({ verdict: 'invalid', reason: 'SIGNATURE_INVALID' })
    }
    expect(await eseal.verifySignature(eseal.parseSignature(signed), undefined, await trust())).toMatchObject({
      verdict: 'undecided',
      reason: 'DATA_NOT_GIVEN',
    })
  })

  it('refuses a signer that is not one of the seal, by certificate and by digest', async () => {
    const { certificate } = pki.get('seal')
    const digest = await eseal.makeCertDigest(certificate)
    const list = (certList: eseal.SesCertList): Partial<eseal.SealContent> => ({
      property: {
        ...{ type: 1, name: '测试', certList, createDate: early, validStart: early, validEnd: testTimes.leafEnd },
      },
    })
    const byDigest = await sealOf('seal', list({ kind: 'digests', digests: [digest] }))
    expect((await verifySignature(await makeSignature(byDigest, pki.get('seal')))).verdict).toBe('valid')
    const sound = await makeSignature(await sealOf('seal'), pki.get('seal'))
    for (const [certList, reason] of [
      [{ kind: 'certificates', certificates: [pki.get('other').certificate] }, 'SIGNER_NOT_IN_SEAL'],
      [{ kind: 'digests', digests: [await eseal.makeCertDigest(pki.get('other').certificate)] }, 'SIGNER_NOT_IN_SEAL'],
      [{ kind: 'digests', digests: [{ type: 'MD5', value: new Uint8Array(32) }] }, 'SIGNER_LIST_UNKNOWN'],
    ] as [eseal.SesCertList, string][]) {
      const seal = await sealOf('seal', list(certList))
      const toSign = asn1.parseDer(replaceField(sound, [0, 1], () => seal)).children[0]!.raw
      const signature = asn1.encodeBitString(await pki.get('seal').key.sign(toSign))
      const resigned = replaceField(
        replaceField(sound, [0], () => toSign),
        [3],
        () => signature,
      )
      const verified = await verifySignature(resigned)
      expect(verified).toMatchObject({ signatureValid: true, reason })
      expect(verified.verdict).not.toBe('valid')
    }
  })

  it('judges a certificate that ended since by the signing time', async () => {
    const ended = await makeSignature(await sealOf('seal-ended'), pki.get('seal-ended'), { time: early })
    expect(await verifySignature(ended)).toMatchObject({ verdict: 'undecided', reason: 'SIGNER_NOT_TRUSTED' })
    const expired = await verifySignature(ended, { crls: [...(await pki.crls()), ...(await listsOf(later))] })
    expect(expired.verdict).toBe('valid')
    expect(expired.steps.find(({ step }) => step === 'd')).toMatchObject({
      outcome: 'noted',
      reason: 'SIGNER_EXPIRED_SINCE',
    })
    const after = await makeSignature(await sealOf('seal-ended'), pki.get('seal-ended'), { time: testTimes.now })
    expect(await verifySignature(after)).toMatchObject({
      verdict: 'invalid',
      reason: 'SIGNED_OUTSIDE_CERTIFICATE_VALIDITY',
    })
  })

  it('refuses what was signed after a revocation, and asks for a proof of what was signed before', async () => {
    const seal = await sealOf('seal-revoked')
    const after = await makeSignature(seal, pki.get('seal-revoked'), { time: testTimes.now })
    expect(await verifySignature(after)).toMatchObject({ verdict: 'invalid', reason: 'SIGNER_REVOKED_BEFORE_SIGNING' })
    const claimed = await makeSignature(seal, pki.get('seal-revoked'), { time: early })
    expect(await verifySignature(claimed)).toMatchObject({ verdict: 'undecided', reason: 'SIGNING_TIME_UNPROVEN' })
    const proven = await makeSignature(seal, pki.get('seal-revoked'), { time: early }, stampAt(early))
    expect(await verifySignature(proven)).toMatchObject({ verdict: 'valid', isSigningTimeProven: true })
    const stampedLate = await makeSignature(seal, pki.get('seal-revoked'), { time: early }, stampAt(testTimes.now))
    expect(await verifySignature(stampedLate)).toMatchObject({
      verdict: 'invalid',
      reason: 'SIGNER_REVOKED_BEFORE_SIGNING',
    })
  })

  it('refuses a time after the judgement, and a stamp before the time that is claimed', async () => {
    const seal = await sealOf('seal')
    const future = await makeSignature(seal, pki.get('seal'), { time: new Date('2026-07-01T00:00:00Z') })
    expect(await verifySignature(future)).toMatchObject({ verdict: 'invalid', reason: 'SIGNED_AFTER_JUDGEMENT' })
    const early1 = await makeSignature(seal, pki.get('seal'), {}, stampAt(early))
    expect(await verifySignature(early1)).toMatchObject({ verdict: 'invalid', reason: 'TIME_STAMP_BEFORE_SIGNING' })
  })

  it('refuses a seal that was not valid at the signing time, or is none of a maker', async () => {
    const time = new Date('2026-01-10T00:00:00Z')
    const tooEarly = await makeSignature(await sealOf('seal'), pki.get('seal'), { time })
    const verified = await verifySignature(tooEarly)
    expect(verified).toMatchObject({ verdict: 'invalid', reason: 'SEAL_INVALID' })
    expect(verified.seal.reason).toBe('SEAL_NOT_YET_VALID')
    const stranger = await makeSeal(foreign.get('maker'), pki.get('seal'))
    expect(await verifySignature(await makeSignature(stranger, pki.get('seal')))).toMatchObject({
      verdict: 'undecided',
      reason: 'SEAL_UNDECIDED',
    })
  })
})
