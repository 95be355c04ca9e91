import { describe, expect, it } from 'vitest'
import { asn1, ca, currentTerms, eseal, primitives, tsp, x509 } from '../../pki/index.ts'
import { makeSeal, makeSignature, makeV1Seal, propertyInfo, protectedData, replaceField } from '../fixtures/eseals.ts'
import { createTestPki, testTimes } from '../fixtures/pki.ts'

// Seals of GB/T 38540 and their signatures, made with keys that were stolen: only what is proven to be older than the theft may stand.

const early = new Date('2026-03-01T00:00:00Z')
const later = new Date('2026-05-01T00:00:00Z')
const pki = await createTestPki({
  root: { key: 'sm2' },
  issuing: { under: 'root', key: 'sm2' },
  maker: { under: 'issuing', key: 'sm2', profile: 'seal-maker' },
  seal: { under: 'issuing', key: 'sm2' },
  makerRevoked: { under: 'issuing', key: 'sm2', profile: 'seal-maker', revokedAt: early, reason: 'keyCompromise' },
  sealRevoked: { under: 'issuing', key: 'sm2', revokedAt: later, reason: 'keyCompromise' },
  sealRevokedEnded: { under: 'issuing', key: 'sm2', revokedAt: early, notAfter: later },
  tsa: { under: 'issuing', profile: 'time-stamp' },
  tsaRevoked: { under: 'issuing', profile: 'time-stamp', revokedAt: later, reason: 'keyCompromise' },
  tsaEnded: { under: 'issuing', profile: 'time-stamp', notAfter: later },
})
type Name = keyof typeof pki.entities

const trust = async (changed: Partial<eseal.SesTrust> = {}): Promise<eseal.SesTrust> => ({
  anchors: [pki.get('root').certificate],
  intermediates: [pki.get('issuing').certificate],
  crls: await pki.crls(),
  at: testTimes.now,
  ...changed,
})
const judge = async (bytes: Uint8Array, changed: Partial<eseal.SesTrust> = {}) =>
  eseal.verifySignature(eseal.parseSignature(bytes), protectedData, await trust(changed))
/** The lists as they were until a time, when nothing was revoked. */
const listsOf = (until: Date): Promise<Uint8Array[]> =>
  Promise.all(
    (['root', 'issuing'] as const).map((name) => {
      const { certificate, key } = pki.get(name)
      const thisUpdate = new Date(until.getTime() - 86_400_000)
      return ca.issueCrl({ issuer: { certificate }, key, thisUpdate, nextUpdate: until, crlNumber: 1, entries: [] })
    }),
  )

interface StampOptions {
  readonly by?: Name
  readonly imprint?: 'SHA-256' | 'SHA-1'
  readonly accuracySeconds?: number
}

async function stamp(
  over: Uint8Array,
  genTime: Date,
  { by = 'tsa', imprint = 'SHA-256', accuracySeconds = 1 }: StampOptions = {},
): Promise<Uint8Array> {
  const { certificate, chain, key } = pki.get(by)
  const signer = tsp.compileTokenSigner({
    certificate,
    chain,
    signatureAlgorithm: 'ecdsa-with-SHA256',
    policy: '1.3.6.1.4.1.99999.1',
    accuracySeconds,
  })
  const prepared = signer.prepare({
    messageImprint: { algorithm: imprint, digest: primitives.digestSync(imprint, over) },
    serialNumber: Uint8Array.of(7),
    genTime,
  })
  return prepared.assemble(await key.sign(prepared.toSign))
}

const dataHash = primitives.digestSync('SM3', protectedData)

/** A signature whose timeInfo is a token over the hash of the data, in the later layouts with another over its value. */
async function withTokenInside(
  layout: eseal.SesLayout,
  by: Name,
  inside: Uint8Array,
  over?: Date,
): Promise<Uint8Array> {
  const signer = pki.get(by)
  if (layout === 'V1') {
    const toSign = asn1.encodeSequence(
      asn1.encodeInteger(1),
      await makeV1Seal(pki.get('maker'), signer),
      asn1.encodeBitString(inside),
      asn1.encodeBitString(dataHash),
      asn1.encodeElement(asn1.TAG.ia5String, asn1.asciiBytes(propertyInfo)),
      asn1.encodeOctetString(signer.certificate),
      asn1.encodeOid('1.2.156.10197.1.501'),
    )
    return asn1.encodeSequence(toSign, asn1.encodeBitString(await signer.key.sign(toSign)))
  }
  const sound = await makeSignature(await makeSeal(pki.get('maker'), signer, { layout }), signer)
  const toSign = asn1.parseDer(replaceField(sound, [0, 2], () => asn1.encodeBitString(inside))).children[0]!.raw
  const value = await signer.key.sign(toSign)
  const { children } = asn1.parseDer(sound)
  const token = over && asn1.encodeContext(0, asn1.encodeBitString(await stamp(value, over)))
  return asn1.encodeSequence(
    toSign,
    ...children.slice(1, 3).map(({ raw }) => raw),
    asn1.encodeBitString(value),
    ...(token ? [token] : []),
  )
}

describe('a time stamp inside what is signed', () => {
  const layouts = ['V1', 'V4', 'V5'] as const

  it.each(layouts)('does not make a signature of layout %s by a revoked key old', async (layout) => {
    const forged = await judge(await withTokenInside(layout, 'sealRevoked', await stamp(dataHash, early)))
    expect(forged).toMatchObject({ verdict: 'undecided', reason: 'SIGNING_TIME_UNPROVEN', isSigningTimeProven: false })
  })

  it.each(layouts)(
    'says of layout %s that it was made after, which a key that had ended by then did not',
    async (layout) => {
      const late = await judge(await withTokenInside(layout, 'sealRevoked', await stamp(dataHash, testTimes.now)))
      expect(late).toMatchObject({ verdict: 'invalid', reason: 'SIGNER_REVOKED_BEFORE_SIGNING' })
    },
  )

  it('stands in for the time that the signer names, of a key in use', async () => {
    for (const layout of layouts) {
      const sound = await judge(await withTokenInside(layout, 'seal', await stamp(dataHash, early)))
      expect(sound).toMatchObject({ verdict: 'valid', signingTime: early, isSigningTimeProven: false })
    }
  })

  it('leaves the proof to the one over the value, and is not younger than that', async () => {
    const inside = await stamp(dataHash, early)
    const proven = new Date('2026-04-01T00:00:00Z')
    expect(await judge(await withTokenInside('V5', 'sealRevoked', inside, proven))).toMatchObject({
      verdict: 'valid',
      isSigningTimeProven: true,
    })
    expect(await judge(await withTokenInside('V5', 'seal', await stamp(dataHash, later), proven))).toMatchObject({
      verdict: 'invalid',
      reason: 'TIME_STAMP_BEFORE_SIGNING',
    })
  })

  it('fails the signature where it is over other data', async () => {
    const elsewhere = await judge(await withTokenInside('V5', 'seal', await stamp(protectedData, early)))
    expect(elsewhere).toMatchObject({ verdict: 'invalid', reason: 'TIME_STAMP_INVALID' })
  })
})

describe('the stamp of an authority whose key may be another’s', () => {
  const signed = async (by: Name, over: Name, genTime = early) =>
    makeSignature(await makeSeal(pki.get('maker'), pki.get(over)), pki.get(over), { time: genTime }, (value) =>
      stamp(value, genTime, { by }),
    )

  it('proves nothing once the authority was revoked: whoever has its key dates as they like', async () => {
    expect(await judge(await signed('tsaRevoked', 'sealRevoked'))).toMatchObject({
      verdict: 'undecided',
      isSigningTimeProven: false,
    })
    expect(await judge(await signed('tsaRevoked', 'seal'))).toMatchObject({ reason: 'TIME_STAMP_UNDECIDED' })
    expect(await judge(await signed('tsa', 'sealRevoked'))).toMatchObject({
      verdict: 'valid',
      isSigningTimeProven: true,
    })
  })

  it('proves nothing once its certificate has ended', async () => {
    expect(
      await judge(await signed('tsaEnded', 'seal'), { crls: [...(await pki.crls()), ...(await listsOf(later))] }),
    ).toMatchObject({
      verdict: 'undecided',
      reason: 'TIME_STAMP_UNDECIDED',
    })
  })

  it('proves what it did where a stamp of another over a signature with it is older than the end', async () => {
    const made = new Date('2026-02-15T00:00:00Z')
    const sealed = await makeSeal(pki.get('maker'), pki.get('seal'), {}, (value) =>
      stamp(value, made, { by: 'tsaRevoked' }),
    )
    const stampedAt = async (genTime: Date) =>
      judge(await makeSignature(sealed, pki.get('seal'), { time: early }, (value) => stamp(value, genTime)))
    expect(await stampedAt(early)).toMatchObject({ verdict: 'valid' })
    expect(await stampedAt(testTimes.now)).toMatchObject({ seal: { reason: 'TIME_STAMP_UNDECIDED' } })
  })

  it('fails a signature where the authority was revoked before the time that it states', async () => {
    expect(await judge(await signed('tsaRevoked', 'seal', new Date('2026-05-02T00:00:00Z')))).toMatchObject({
      verdict: 'invalid',
      reason: 'TIME_STAMP_INVALID',
    })
  })
})

describe('a seal by the key of a maker that was revoked', () => {
  const before = new Date('2026-02-15T00:00:00Z')
  const sealBy = (layout: 'V4' | 'V5', stampedAt?: Date) =>
    makeSeal(pki.get('makerRevoked'), pki.get('seal'), { layout }, stampedAt && ((value) => stamp(value, stampedAt)))
  const signed = async (seal: Uint8Array, time: Date, stampedAt?: Date) =>
    judge(await makeSignature(seal, pki.get('seal'), { time }, stampedAt && ((value) => stamp(value, stampedAt))))
  const unproven = { verdict: 'undecided', reason: 'SEAL_UNDECIDED', seal: { reason: 'MAKING_TIME_UNPROVEN' } }

  it('is not made old by its own date, or by the time that its signer names', async () => {
    expect(await eseal.verifySeal(eseal.parseSeal(await sealBy('V5')), await trust())).toMatchObject({
      verdict: 'undecided',
      reason: 'MAKING_TIME_UNPROVEN',
    })
    for (const layout of ['V4', 'V5'] as const)
      expect(await signed(await sealBy(layout), before), layout).toMatchObject(unproven)
    expect(await signed(await sealBy('V5'), testTimes.now)).toMatchObject(unproven)
  })

  it('is not made old by stamps from after the theft', async () => {
    expect(await signed(await sealBy('V5'), testTimes.now, testTimes.now)).toMatchObject(unproven)
    expect(await signed(await sealBy('V5', later), testTimes.now, testTimes.now)).toMatchObject(unproven)
    expect(await signed(await sealBy('V4'), before, testTimes.now)).toMatchObject({ seal: { reason: 'MAKER_REVOKED' } })
  })

  it('stands where a stamp over it, or over a signature with it, is older', async () => {
    const noted = {
      verdict: 'valid',
      seal: { steps: expect.arrayContaining([expect.objectContaining({ reason: 'MAKER_REVOKED_SINCE' })]) },
    }
    expect(await signed(await sealBy('V5', before), testTimes.now)).toMatchObject(noted)
    for (const layout of ['V4', 'V5'] as const)
      expect(await signed(await sealBy(layout), before, before), layout).toMatchObject(noted)
  })
})

describe('a key that was another’s before its revocation was told (invalidityDate)', () => {
  const theft = new Date('2026-02-10T00:00:00Z')
  const beforeTheft = new Date('2026-02-05T00:00:00Z')
  const listWith = async (name: Name) => {
    const { certificate, key } = pki.get('issuing')
    const { serialNumber } = x509.parseCertificate(pki.get(name).certificate)
    const revoked = { serialNumber, revocationDate: later, reason: 'keyCompromise', invalidityDate: theft } as const
    const times = { thisUpdate: testTimes.thisUpdate, nextUpdate: testTimes.nextUpdate }
    return [
      await pki.crl('root'),
      await ca.issueCrl({ issuer: { certificate }, key, ...times, crlNumber: 2, entries: [revoked] }),
    ]
  }
  const signedAt = async (time: Date, maker: Name = 'maker', stamped = true) =>
    makeSignature(
      await makeSeal(pki.get(maker), pki.get('seal')),
      pki.get('seal'),
      { time },
      stamped ? (value) => stamp(value, time) : undefined,
    )

  it('signs nothing that counts from then on, though it is stamped before the revocation', async () => {
    const crls = await listWith('seal')
    for (const stamped of [true, false])
      expect(await judge(await signedAt(early, 'maker', stamped), { crls })).toMatchObject({
        verdict: 'invalid',
        reason: 'SIGNER_REVOKED_BEFORE_SIGNING',
      })
    expect(await judge(await signedAt(beforeTheft), { crls })).toMatchObject({
      verdict: 'valid',
      isSigningTimeProven: true,
    })
    expect(await judge(await signedAt(beforeTheft, 'maker', false), { crls })).toMatchObject({
      reason: 'SIGNING_TIME_UNPROVEN',
    })
  })

  it('makes no seal that counts from then on', async () => {
    const crls = await listWith('maker')
    expect(await judge(await signedAt(early), { crls })).toMatchObject({ seal: { reason: 'MAKING_TIME_UNPROVEN' } })
    expect(await judge(await signedAt(beforeTheft), { crls })).toMatchObject({ verdict: 'valid' })
  })

  it('stamps nothing that counts, whenever', async () => {
    expect(await judge(await signedAt(beforeTheft), { crls: await listWith('tsa') })).toMatchObject({
      reason: 'TIME_STAMP_UNDECIDED',
    })
  })
})

describe('a key that was revoked and has expired since', () => {
  it('signs nothing that counts without a proof, though its certificate merely seems to have ended', async () => {
    const seal = await makeSeal(pki.get('maker'), pki.get('sealRevokedEnded'))
    const claimed = await makeSignature(seal, pki.get('sealRevokedEnded'), { time: new Date('2026-02-05T00:00:00Z') })
    const at = { crls: [...(await listsOf(later)), ...(await pki.crls())] }
    expect(await judge(claimed, at)).toMatchObject({ verdict: 'undecided', reason: 'SIGNING_TIME_UNPROVEN' })
  })
})

describe('algorithms that do not count', () => {
  const signed = async (options: StampOptions) =>
    makeSignature(
      await makeSeal(pki.get('maker'), pki.get('sealRevoked')),
      pki.get('sealRevoked'),
      { time: early },
      (value) => stamp(value, early, options),
    )

  it('stamp nothing: not by an imprint of SHA-1, and not by a key whose term has ended', async () => {
    expect(await judge(await signed({ imprint: 'SHA-1' }))).toMatchObject({
      verdict: 'undecided',
      isSigningTimeProven: false,
    })
    const algorithms = { ...currentTerms, ec: { 256: later } }
    expect(await judge(await signed({}), { algorithms })).toMatchObject({
      verdict: 'undecided',
      isSigningTimeProven: false,
    })
  })

  it('sign nothing: SM2 after its term, unless a stamp is older', async () => {
    const algorithms = { ...currentTerms, sm2: later }
    const made = await makeSignature(await makeSeal(pki.get('maker'), pki.get('seal')), pki.get('seal'), {
      time: early,
    })
    const { steps } = await judge(made, { algorithms })
    expect(steps.find(({ step }) => step === 'b')).toMatchObject({
      outcome: 'undecided',
      reason: 'ALGORITHM_UNACCEPTABLE',
    })
    const stamped = await judge(await signed({}), { algorithms })
    expect([stamped, stamped.seal].map(({ steps: [, value] }) => value?.outcome)).toEqual(['passed', 'passed'])
  })
})

describe('a stamp that is not sure of its time', () => {
  const signed = async (genTime: Date, accuracySeconds: number) =>
    judge(
      await makeSignature(
        await makeSeal(pki.get('maker'), pki.get('sealRevoked')),
        pki.get('sealRevoked'),
        { time: early },
        (value) => stamp(value, genTime, { accuracySeconds }),
      ),
    )

  it('proves the latest time that it may mean, and nothing beyond an hour', async () => {
    const justBefore = new Date(later.getTime() - 60_000)
    expect(await signed(justBefore, 1)).toMatchObject({ verdict: 'valid', signingTime: justBefore })
    expect(await signed(justBefore, 30)).toMatchObject({
      verdict: 'valid',
      signingTime: new Date(later.getTime() - 30_000),
    })
    expect(await signed(justBefore, 60)).toMatchObject({ verdict: 'invalid', reason: 'SIGNER_REVOKED_BEFORE_SIGNING' })
    expect(await signed(early, 2_147_483_647)).toMatchObject({ verdict: 'undecided', isSigningTimeProven: false })
  })

  it('within what is signed says the earliest', async () => {
    const inside = await stamp(dataHash, testTimes.now, { accuracySeconds: 1800 })
    const { signingTime } = await judge(await withTokenInside('V5', 'seal', inside))
    expect(signingTime).toEqual(new Date(testTimes.now.getTime() - 1_800_000))
  })
})
