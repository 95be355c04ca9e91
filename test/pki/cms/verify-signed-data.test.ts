import { generateKeyPairSync, sign as nodeSign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, cms, OID, primitives, x509 } from '../../../pki/index.ts'
import { createTestPki, type TestEntity } from '../../fixtures/pki.ts'
import { openCorpus } from '../../support/corpora.ts'
import { isMissing, run } from '../../support/tools.ts'

const content = new TextEncoder().encode('the signed content')
const digest = primitives.digestSync('SHA-256', content)
const makePki = () =>
  createTestPki({
    root: {},
    issuing: { under: 'root' },
    seal: { under: 'issuing' },
    other: { under: 'issuing', profile: 'seal' },
  })

const attribute = (type: string, ...values: Uint8Array[]) =>
  asn1.encodeSequence(asn1.encodeOid(type), asn1.encodeSetOf(...values))

/** A SignedData put together by hand, so that each part can be wrong. */
interface Parts {
  attributes?: Uint8Array[]
  certificates?: Uint8Array[]
  eContent?: Uint8Array
  unsigned?: Uint8Array[]
  /** signs the attributes in the order in which they stand */
  signsAsGiven?: boolean
  sid?: Uint8Array
}

describe('verifySignedData', () => {
  let seal: TestEntity
  let other: TestEntity
  let sound: Uint8Array[]
  beforeAll(async () => {
    const pki = await makePki()
    seal = pki.get('seal')
    other = pki.get('other')
    const signer = cms.compileSigner({ ...seal, signatureAlgorithm: 'ecdsa-with-SHA256' })
    sound = asn1.parseDer(signer.attributesToSign(digest)).children.map(({ raw }) => raw)
  })

  async function assemble({
    attributes = sound,
    certificates,
    eContent,
    unsigned,
    sid,
    signsAsGiven,
  }: Parts = {}): Promise<Uint8Array> {
    const signer = x509.parseCertificate(seal.certificate)
    const signature = await seal.key.sign(
      signsAsGiven ? asn1.encodeElement(asn1.TAG.set, ...attributes) : asn1.encodeSetOf(...attributes),
    )
    const sha256 = asn1.encodeSequence(asn1.encodeOid(OID.sha256))
    const signerInfo = asn1.encodeSequence(
      asn1.encodeInteger(1),
      sid ?? asn1.encodeSequence(signer.issuer.raw, asn1.encodeElement(2, signer.serialNumber)),
      sha256,
      asn1.encodeContext(0, ...attributes),
      asn1.encodeSequence(asn1.encodeOid(OID.ecdsaWithSHA256)),
      asn1.encodeOctetString(signature),
      ...(unsigned === undefined ? [] : [asn1.encodeContext(1, ...unsigned)]),
    )
    const attached = eContent === undefined ? [] : [asn1.encodeContext(0, asn1.encodeOctetString(eContent))]
    return asn1.encodeSequence(
      asn1.encodeOid(OID.signedData),
      asn1.encodeContext(
        0,
        asn1.encodeSequence(
          asn1.encodeInteger(1),
          asn1.encodeSetOf(sha256),
          asn1.encodeSequence(asn1.encodeOid(OID.data), ...attached),
          asn1.encodeContext(0, ...(certificates ?? [seal.certificate, ...seal.chain])),
          asn1.encodeSetOf(signerInfo),
        ),
      ),
    )
  }
  const verify = async (der: Uint8Array, signed: cms.SignedContent = { content }) =>
    (await cms.verifySignedData(cms.parseSignedData(der), signed))[0]!

  it('accepts attributes in any order: their DER is what is signed (RFC 5652 §5.4)', async () => {
    expect(await verify(await assemble({ attributes: [...sound].reverse() }))).toMatchObject({ valid: true })
  })

  it('tells a signature over attributes in the order in which they came, against RFC 5652 §5.4', async () => {
    const attributes = [...sound].reverse()
    expect(await verify(await assemble({ attributes, signsAsGiven: true }))).toMatchObject({
      valid: true,
      attributesInDer: false,
    })
    expect(await verify(await assemble({ attributes }))).toMatchObject({ valid: true, attributesInDer: true })
    const forged = await assemble({ attributes, signsAsGiven: true })
    const at = Buffer.from(forged).lastIndexOf(Buffer.from(sound[0]!))
    forged[at + sound[0]!.length - 1]! ^= 1
    expect((await verify(forged)).valid).toBe(false)
  })

  const refused: readonly (readonly [
    what: string,
    reason: cms.CmsReason,
    parts: () => Parts,
    signed?: cms.SignedContent,
  ])[] = [
    ['another content', 'MESSAGE_DIGEST_MISMATCH', () => ({}), { content: content.subarray(1) }],
    ['no content', 'CONTENT_MISSING', () => ({}), {}],
    ['content inside where a detached one is verified', 'CONTENT_NOT_DETACHED', () => ({ eContent: content })],
    ['no attributes in signedAttrs', 'SIGNED_ATTRIBUTES_MALFORMED', () => ({ attributes: [] })],
    ['a missing message-digest', 'SIGNED_ATTRIBUTES_MALFORMED', () => ({ attributes: [sound[0]!, sound[2]!] })],
    ['a missing content-type', 'SIGNED_ATTRIBUTES_MALFORMED', () => ({ attributes: sound.slice(1) })],
    [
      'message-digest twice',
      'SIGNED_ATTRIBUTES_MALFORMED',
      () => ({ attributes: [...sound, attribute(OID.messageDigest, asn1.encodeOctetString(new Uint8Array(32)))] }),
    ],
    [
      'message-digest with two values',
      'SIGNED_ATTRIBUTES_MALFORMED',
      () => ({
        attributes: [
          sound[0]!,
          attribute(OID.messageDigest, asn1.encodeOctetString(digest), asn1.encodeOctetString(new Uint8Array(32))),
        ],
      }),
    ],
    ['any attribute twice', 'SIGNED_ATTRIBUTES_MALFORMED', () => ({ attributes: [...sound, sound[2]!] })],
    [
      'another content type in the attribute',
      'CONTENT_TYPE_MISMATCH',
      () => ({ attributes: [attribute(OID.contentType, asn1.encodeOid(OID.signedData)), sound[1]!] }),
    ],
    [
      'a signer whose certificate is not there',
      'SIGNER_CERTIFICATE_NOT_FOUND',
      () => ({ certificates: seal.chain as Uint8Array[] }),
    ],
    [
      'a signing-certificate of someone else',
      'SIGNING_CERTIFICATE_MISMATCH',
      () => ({ attributes: [sound[0]!, sound[1]!, essOf(other)] }),
    ],
  ]
  const essOf = (entity: TestEntity): Uint8Array => {
    const signer = cms.compileSigner({ ...entity, signatureAlgorithm: 'ecdsa-with-SHA256' })
    return asn1.parseDer(signer.attributesToSign(digest)).children[2]!.raw
  }
  for (const [what, reason, parts, signed] of refused) {
    it(`refuses ${what}: ${reason}`, async () => {
      expect(await verify(await assemble(parts()), signed)).toMatchObject({ valid: false, reason })
    })
  }

  it('refuses a signature of another key under the same issuer and serial number', async () => {
    const swapped = await assemble({ certificates: [await sameNames(seal, other)] })
    expect(await verify(swapped)).toMatchObject({
      valid: false,
      signatureValid: false,
      signingCertificateMatches: false,
    })
  })

  it('says nothing about signing-certificate where there is none, and the rest holds', async () => {
    expect(await verify(await assemble({ attributes: sound.slice(0, 2) }))).toMatchObject({
      valid: true,
      signingCertificateMatches: null,
    })
  })

  it('holds algorithms that are signed against those that are named outside (RFC 6211 §3)', async () => {
    const sequence = asn1.encodeSequence
    const named = (digestOid: string, ...rest: Uint8Array[]) =>
      attribute(OID.cmsAlgorithmProtection, sequence(sequence(asn1.encodeOid(digestOid)), ...rest))
    const by = (oid: string, ...parameters: Uint8Array[]) => asn1.encodeContext(1, asn1.encodeOid(oid), ...parameters)
    const signature = by(OID.ecdsaWithSHA256)
    const judge = async (protection: Uint8Array) =>
      (await verify(await assemble({ attributes: [...sound, protection] }))).reason
    expect(await judge(named(OID.sha256, signature))).toBe(null)
    expect(await judge(named(OID.sha256, by(OID.ecdsaWithSHA256, asn1.encodeNull())))).toBe(null)
    const mac = asn1.encodeContext(2, asn1.encodeOid(OID.ecdsaWithSHA256))
    for (const wrong of [
      named(OID.sha512, by(OID.ecdsaWithSHA512)),
      named(OID.sha512, signature),
      named(OID.sha256, by(OID.ecdsaWithSHA512)),
      named(OID.sha256, by(OID.ecdsaWithSHA256, asn1.encodeInteger(1))),
      named(OID.sha256),
      named(OID.sha256, mac),
      named(OID.sha256, signature, mac),
      attribute(OID.cmsAlgorithmProtection),
      attribute(OID.cmsAlgorithmProtection, asn1.encodeNull()),
    ])
      expect(await judge(wrong), asn1.toHex(wrong)).toBe('SIGNED_ATTRIBUTES_MALFORMED')
    const twice = [named(OID.sha256, signature), named(OID.sha256, by(OID.ecdsaWithSHA256, asn1.encodeNull()))]
    expect((await verify(await assemble({ attributes: [...sound, ...twice] }))).reason).toBe(
      'SIGNED_ATTRIBUTES_MALFORMED',
    )
  })

  it('finds the signer by subject key identifier', async () => {
    const { subjectKeyIdentifier } = x509.parseCertificate(seal.certificate)
    expect(await verify(await assemble({ sid: asn1.encodeContextPrimitive(0, subjectKeyIdentifier!) }))).toMatchObject({
      valid: true,
    })
  })

  it('takes the content from inside when it is attached', async () => {
    expect(await verify(await assemble({ eContent: content }), {})).toMatchObject({ valid: true })
    expect(await verify(await assemble({ eContent: content.subarray(1) }), {})).toMatchObject({
      valid: false,
      reason: 'MESSAGE_DIGEST_MISMATCH',
    })
  })

  it('hands out time stamps of the unsigned attributes, unverified', async () => {
    const token = asn1.encodeSequence(asn1.encodeOid(OID.signedData))
    const signedData = cms.parseSignedData(await assemble({ unsigned: [attribute(OID.timeStampToken, token)] }))
    expect(cms.findSignatureTimeStamps(signedData.signerInfos[0]!)).toEqual([token])
  })

  it('takes zero padding only when told so, and no other octets ever', async () => {
    const der = await assemble()
    const padded = asn1.concat([der, new Uint8Array(50)])
    expect(() => cms.parseSignedData(padded)).toThrow(expect.objectContaining({ code: 'CMS_MALFORMED' }))
    expect(cms.parseSignedData(padded, { allowZeroPadding: true }).paddingLength).toBe(50)
    expect(cms.parseSignedData(padded, { allowZeroPadding: true, allowBer: true }).paddingLength).toBe(50)
    padded[padded.length - 1] = 1
    expect(() => cms.parseSignedData(padded, { allowZeroPadding: true })).toThrow(
      expect.objectContaining({ code: 'CMS_MALFORMED' }),
    )
  })

  it('never accepts a CMS with one octet of the signed parts changed', async () => {
    const der = await assemble()
    const accepted: number[] = []
    for (let at = 0; at < der.length; at++) {
      const changed = der.slice()
      changed[at]! ^= 0x01
      try {
        const [verified] = await cms.verifySignedData(cms.parseSignedData(changed), { content })
        if (verified?.valid === true) accepted.push(at)
      } catch (error) {
        expect(error).toMatchObject({ name: 'PkiError' })
      }
    }
    // Versions, the list of digests, the other certificates and the spelling of the signer's issuer are outside the signature.
    const chainAt = seal.chain.map((certificate) => indexOf(der, certificate))
    const outside = accepted.filter(
      (at) => !seal.chain.some((certificate, i) => at >= chainAt[i]! && at < chainAt[i]! + certificate.length),
    )
    expect(outside.filter((at) => at >= indexOf(der, sound[0]!))).toEqual([])
  })

  it.skipIf(isMissing('openssl'))(
    'verifies what openssl signs: BER indefinite lengths, RSA, PSS, P-384, SHA-512',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'cms-'))
      afterAll(() => rmSync(folder, { recursive: true, force: true }))
      const path = (name: string) => join(folder, name)
      writeFileSync(path('content'), content)
      const makers: readonly (readonly [string[], string[]])[] = [
        [
          ['-newkey', 'rsa:2048'],
          ['-md', 'sha256'],
        ],
        [
          ['-newkey', 'rsa:2048'],
          ['-md', 'sha512', '-keyopt', 'rsa_padding_mode:pss'],
        ],
        [
          ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
          ['-md', 'sha384', '-stream', '-indef'],
        ],
        [
          ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
          ['-md', 'sha512', '-cades', '-keyid'],
        ],
      ]
      for (const [key, options] of makers) {
        const made = run('openssl', [
          'req',
          '-x509',
          ...key,
          '-nodes',
          '-keyout',
          path('key.pem'),
          '-out',
          path('cert.pem'),
          '-days',
          '2',
          '-subj',
          '/CN=foreign',
        ])
        expect(made).toMatchObject({ status: 0 })
        const signed = run('openssl', [
          'cms',
          '-sign',
          '-binary',
          '-nodetach',
          '-outform',
          'DER',
          '-signer',
          path('cert.pem'),
          '-inkey',
          path('key.pem'),
          ...options,
          '-in',
          path('content'),
          '-out',
          path('cms.der'),
        ])
        expect(signed).toMatchObject({ status: 0 })
        const der = new Uint8Array(readFileSync(path('cms.der')))
        const [verified] = await cms.verifySignedData(cms.parseSignedData(der, { allowBer: true }))
        expect(verified).toMatchObject({ valid: true, messageDigestMatches: true, signatureValid: true })
        expect(verified!.claimedSigningTime).toBeInstanceOf(Date)
        if (options.includes('-indef'))
          expect(() => cms.parseSignedData(der)).toThrow(expect.objectContaining({ code: 'CMS_MALFORMED' }))
      }
    },
  )

  it('does not take signed attributes out of another signature as a content of its own', async () => {
    const signed = asn1.encodeSetOf(...sound)
    const signature = await seal.key.sign(signed)
    const bare = cms.parseSignedData(await assemble())
    const [signerInfo] = bare.signerInfos
    const attack: cms.SignedData = {
      ...bare,
      signerInfos: [{ ...signerInfo!, signedAttributes: undefined, signedAttributesToVerify: undefined, signature }],
    }
    expect((await cms.verifySignedData(attack, { content: signed }))[0]).toMatchObject({
      valid: false,
      reason: 'CONTENT_AMBIGUOUS',
    })
  })
})

/** A certificate with the names and serial number of one and the key of another. */
async function sameNames(one: TestEntity, another: TestEntity): Promise<Uint8Array> {
  const [tbs] = asn1.parseDer(one.certificate).children
  const fields = tbs!.children.map((field) => field.raw)
  fields[6] = another.key.publicKey
  const changed = asn1.encodeSequence(...fields)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signature = new Uint8Array(nodeSign('sha256', changed, privateKey))
  return asn1.encodeSequence(changed, asn1.parseDer(one.certificate).children[1]!.raw, asn1.encodeBitString(signature))
}

const indexOf = (whole: Uint8Array, part: Uint8Array): number => Buffer.from(whole).indexOf(Buffer.from(part))

describe('verifySignedData against other people’s files', () => {
  const corpus = openCorpus('cms')
  interface Case {
    file: string
    content?: string | null
    expect: 'ACCEPT' | 'REJECT' | 'UNSUPPORTED_OK'
  }
  const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []
  it.skipIf(corpus === undefined).each(cases)(
    '$file: $expect',
    async ({ file, content: contentFile, expect: expected }) => {
      const signed = typeof contentFile === 'string' ? { content: corpus!.read(contentFile) } : {}
      const answers = await cms.verifySignedData(cms.parseSignedData(corpus!.read(file), { allowBer: true }), signed)
      const valid = answers.length > 0 && answers.every((answer) => answer.valid)
      if (expected !== 'UNSUPPORTED_OK') expect(valid).toBe(expected === 'ACCEPT')
      else if (!valid) expect(answers.find((answer) => !answer.valid)!.reason).toBe('SIGNATURE_ALGORITHM_UNKNOWN')
    },
  )
})
