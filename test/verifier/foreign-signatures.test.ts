import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { embedCms, prepareSeal } from '../../pades/write/index.ts'
import { asn1, ca, OID, x509 } from '../../pki/index.ts'
import { addData, makeOcsp, makeToken, sealAt } from '../fixtures/levels.ts'
import { answerOf, crlAt, crlsAt, day, judge, later, type Name, NOW, pki, SEALED, seal } from './past.ts'
import { codes, page } from './world.ts'

// Signatures as other makers write them: PKCS #7 with attributes that ours do not have.

const { encodeContext, encodeInteger, encodeOctetString, encodeOid, encodeSequence, encodeSetOf } = asn1
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const attribute = (type: string, value: Uint8Array) => encodeSequence(encodeOid(type), encodeSetOf(value))
const blank = await page()

/** A CMS in PKCS #7's manner (no signing-certificate) with further signed attributes, each made from the digest of what is signed. */
function sealedByOther(by: Name, further: (digest: Uint8Array) => readonly Uint8Array[]): Uint8Array {
  const { certificate, chain, key } = pki.get(by)
  const prepared = prepareSeal(blank, {
    field: 'Other1',
    place: { page: 0, x: 20, y: 20, width: 80, height: 80 },
    appearance: { content: new TextEncoder().encode('0 0 10 10 re S'), bbox: [0, 0, 100, 100] },
    name: 'Other',
    signedAt: SEALED,
    contentsLength: 12_000,
  })
  const digest = prepared.digest()
  const attributes = encodeSetOf(
    attribute(OID.contentType, encodeOid(OID.data)),
    attribute(OID.messageDigest, encodeOctetString(digest)),
    ...further(digest),
  )
  const { issuer, serialNumber } = x509.parseCertificate(certificate)
  const signed = asn1.parseDer(attributes)
  const signerInfo = encodeSequence(
    encodeInteger(1),
    encodeSequence(issuer.raw, encodeInteger(serialNumber)),
    encodeSequence(encodeOid(OID.sha256)),
    encodeContext(0, signed.content),
    encodeSequence(encodeOid(OID.ecdsaWithSHA256)),
    encodeOctetString(key.signSync!(attributes)),
  )
  const signedData = encodeSequence(
    encodeInteger(1),
    encodeSetOf(encodeSequence(encodeOid(OID.sha256))),
    encodeSequence(encodeOid(OID.data)),
    encodeContext(0, certificate, ...chain.slice(0, -1)),
    encodeSetOf(signerInfo),
  )
  const cms = encodeSequence(encodeOid(OID.signedData), encodeContext(0, signedData))
  return embedCms(prepared, cms)
}

const contentStamp = (by: Name, at: Date, over?: Uint8Array) => (digest: Uint8Array) => [
  attribute(OID.contentTimeStamp, makeToken(pki.get(by), over ? sha256(over) : digest, at)),
]
const archival = (ocsps: readonly Uint8Array[], crls: readonly Uint8Array[] = []) =>
  attribute(
    OID.revocationInfoArchival,
    encodeSequence(
      ...(crls.length ? [encodeContext(0, encodeSequence(...crls))] : []),
      ...(ocsps.length ? [encodeContext(1, encodeSequence(...ocsps))] : []),
    ),
  )
const hour = later(3600)

describe('a signature without signing-certificate', () => {
  it('is judged like others and is no PAdES', async () => {
    const report = await judge(
      sealedByOther('seal', () => []),
      { at: hour, crls: await crlsAt(later(-60, hour)) },
    )
    expect(report.verdict).toBe('accepted')
    expect(seal(report)).toMatchObject({ level: 'not-pades', indication: 'TOTAL-PASSED' })
  })
})

describe('a stamp that was signed with the content', () => {
  const crls = () => crlsAt(later(-60, hour))

  it('is told and weighs nothing', async () => {
    const report = await judge(sealedByOther('seal', contentStamp('tsa', SEALED)), { at: hour, crls: await crls() })
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'info')).toContain('CONTENT_TIME_STAMP_VALID')
    expect(seal(report).bestSignatureTime).toBe(hour.toISOString())
  })

  it.each([
    ['over something else', contentStamp('tsa', SEALED, new Uint8Array(3)), 'TIME_STAMP_WRONG'],
    ['of an unknown authority', contentStamp('otherTsa', SEALED), 'TIME_STAMP_NOT_TRUSTED'],
    ['that is no token', () => [attribute(OID.contentTimeStamp, encodeInteger(1))], 'TIME_STAMP_WRONG'],
  ])('%s says nothing', async (_, attributes, code) => {
    const report = await judge(sealedByOther('seal', attributes), { at: hour, crls: await crls() })
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'info')).toContain(code)
  })

  it('from after the revocation makes the seal TOTAL-FAILED, REVOKED (EN 319 102-1 §5.3.4)', async () => {
    const at = day('2023-02-01')
    const pdf = sealedByOther('sealRevoked', contentStamp('tsa', day('2023-01-10')))
    const report = await judge(pdf, { at, crls: await crlsAt(later(-60, at)) })
    expect(seal(report)).toMatchObject({ indication: 'TOTAL-FAILED', subIndication: 'REVOKED' })
  })

  it('from after the end of the certificate makes it TOTAL-FAILED, EXPIRED (EN 319 102-1 §5.3.4)', async () => {
    const at = day('2024-03-01')
    const pdf = sealedByOther('seal', contentStamp('tsa', day('2024-02-01')))
    const report = await judge(pdf, { at, crls: await crlsAt(later(-60, at)) })
    expect(report.verdict).toBe('refused')
    expect(seal(report)).toMatchObject({ indication: 'TOTAL-FAILED', subIndication: 'EXPIRED' })
    expect(codes(report, 'failed')).toContain('SIGNED_AFTER_EXPIRY')
  })
})

describe('adbe-revocationInfoArchival', () => {
  const demands = { revocationFreshness: 'current-at-signature' } as const
  const answers = () => Promise.all((['seal', 'ca'] as const).map((name) => answerOf(name, later(-60))))

  it('is evidence as the DSS is: enough where the policy takes what was current at the signature', async () => {
    const ocsps = await answers()
    const pdf = sealedByOther('seal', () => [archival(ocsps)])
    expect((await judge(pdf, { at: hour, demands })).verdict).toBe('accepted')
    expect(seal(await judge(pdf, { at: hour })).subIndication).toBe('TRY_LATER')
  })

  it('gives lists too', async () => {
    const crls = await Promise.all((['root', 'ca'] as const).map((name) => crlAt(name, later(-60))))
    const pdf = sealedByOther('seal', () => [archival([], crls)])
    expect((await judge(pdf, { at: hour, demands })).verdict).toBe('accepted')
  })

  it('that cannot be read is none', async () => {
    const pdf = sealedByOther('seal', () => [attribute(OID.revocationInfoArchival, encodeSequence(encodeInteger(1)))])
    const report = await judge(pdf, { at: hour, demands })
    expect(report.verdict).toBe('undecided')
    expect(seal(report)).toMatchObject({ integrity: 'intact', subIndication: 'CERTIFICATE_CHAIN_GENERAL_FAILURE' })
  })
})

describe('a signature policy that a signature names', () => {
  const named = attribute(
    OID.signaturePolicyId,
    encodeSequence(
      encodeOid('1.2.3.4'),
      encodeSequence(encodeSequence(encodeOid(OID.sha256)), encodeOctetString(new Uint8Array(32))),
    ),
  )

  it('is told where ours decides, and undecided where it would have to be followed', async () => {
    const pdf = sealedByOther('seal', () => [named])
    const crls = await crlsAt(later(-60, hour))
    const told = await judge(pdf, { at: hour, crls })
    expect(told.verdict).toBe('accepted')
    expect(codes(told, 'info')).toContain('SIGNATURE_POLICY_NAMED')
    const wanted = await judge(pdf, { at: hour, crls, demands: { signaturePolicies: 'required' } })
    expect(wanted.verdict).toBe('undecided')
    expect(seal(wanted).subIndication).toBe('SIGNATURE_POLICY_NOT_AVAILABLE')
    expect(seal(wanted).bbb.VCI).toEqual({
      indication: 'INDETERMINATE',
      subIndication: 'SIGNATURE_POLICY_NOT_AVAILABLE',
    })
  })
})

/** B-T, with no CA certificate in the CMS of the seal. */
const sealedWithoutCa = () =>
  sealAt(blank, { ...pki.get('seal'), chain: pki.get('seal').chain.slice(1) }, { field: 'Seal1', signedAt: SEALED }, [
    { by: pki.get('tsa'), at: SEALED },
  ])

describe('a path whose CA certificate ended too early', () => {
  it('is left for another that holds (EN 319 102-1 §5.6.2.1)', async () => {
    const { key, certificate } = pki.get('ca')
    const root = pki.get('root')
    const short = await ca.issueCertificate({
      profile: 'issuing-ca',
      subject: x509
        .parseCertificate(certificate)
        .subject.attributes.map(
          ({ type, value }) =>
            [type === OID.commonName ? 'CN' : type === OID.organizationName ? 'O' : 'C', value] as const,
        ),
      subjectPublicKey: key.publicKey,
      serialNumber: sha256(certificate)
        .subarray(0, 16)
        .map((octet) => octet & 0x7f || 1),
      notBefore: day('2019-01-01'),
      notAfter: day('2023-06-01'),
      key: root.key,
      issuer: { certificate: root.certificate },
    })
    const ended = { certificate: short, key, chain: [root.certificate] }
    const names = ['seal', 'ca', 'tsa', 'tsaCa'] as const
    const aboutEnded = makeOcsp({ about: ended, by: pki.get('responderOfRoot'), thisUpdate: later(2) })
    const ocsps = await Promise.all([aboutEnded, ...names.map((name) => answerOf(name, later(2)))])
    // The ended one comes first, so that the search meets it first.
    const first = addData(sealedWithoutCa(), { entities: [ended] })
    const both = addData(first, { entities: [pki.get('seal'), pki.get('tsa')], ocsps })
    expect(seal(await judge(both, { at: NOW })).indication).toBe('TOTAL-PASSED')
  })
})
