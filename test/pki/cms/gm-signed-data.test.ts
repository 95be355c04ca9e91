import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, cms, ecdsaToRaw, OID, primitives } from '../../../pki/index.ts'
import { createTestPki, type TestEntity, type TestPki } from '../../fixtures/pki.ts'
import { rejectsWithCode, throwsWithCode } from '../../support/throws-with-code.ts'

const document = new TextEncoder().encode('<ofd:Signature/>')
const other = new TextEncoder().encode('<ofd:Signature></ofd:Signature>')
const sm3 = (data: Uint8Array): Uint8Array => primitives.digestSync('SM3', data)

let pki: TestPki<'root' | 'issuing' | 'seal' | 'second' | 'p256'>
let seal: TestEntity

beforeAll(async () => {
  pki = await createTestPki({
    root: { key: 'sm2' },
    issuing: { under: 'root', key: 'sm2' },
    seal: { under: 'issuing', key: 'sm2' },
    second: { under: 'issuing', key: 'sm2' },
    p256: { under: 'issuing', key: 'ec-p256' },
  })
  seal = pki.get('seal')
})

async function sign(dialect: cms.GmDialect, over: Partial<cms.GmSignerParts> = {}, token?: Uint8Array) {
  const signer = cms.compileGmSigner({ certificate: seal.certificate, chain: seal.chain, dialect, ...over })
  const digest = sm3(document)
  const signature = await seal.key.sign(signer.attributesToSign(digest))
  return { signer, signature, bytes: signer.assemble(digest, signature, token) }
}

const verifyOne = async (bytes: Uint8Array, signed: cms.SignedContent = { content: document }) =>
  (await cms.verifyGmSignedData(cms.parseGmSignedData(bytes), signed))[0]!

for (const dialect of ['attributes', 'content'] as const) {
  describe(`a GB/T 35275 signature of the dialect "${dialect}"`, () => {
    it('is what it says and verifies over its document alone', async () => {
      const { signer, bytes } = await sign(dialect)
      const parsed = cms.parseGmSignedData(bytes)
      expect(bytes.length).toBeLessThanOrEqual(signer.maxLength)
      expect(parsed.version).toBe(1)
      expect(parsed.certificates).toHaveLength(3)
      expect(parsed.digestAlgorithms.map(({ oid }) => oid)).toEqual([OID.sm3])
      expect(await verifyOne(bytes)).toMatchObject({
        valid: true,
        reason: null,
        messageDigestMatches: dialect === 'attributes' ? true : null,
      })
      expect(await verifyOne(bytes, { content: other })).toMatchObject({
        valid: false,
        reason: 'MESSAGE_DIGEST_MISMATCH',
      })
      expect(await verifyOne(bytes, { contentDigest: () => sm3(document) })).toMatchObject({ valid: true })
      expect(await verifyOne(bytes, { contentDigest: () => sm3(other) })).toMatchObject({ valid: false })
    })

    it('has a signature value of the form of its dialect', async () => {
      const { bytes, signature } = await sign(dialect)
      const [signer] = cms.parseGmSignedData(bytes).signerInfos
      const asWritten = dialect === 'attributes' ? signature : ecdsaToRaw(signature, 32)
      expect(signer!.signature).toEqual(asWritten)
      expect(signer!.signatureAlgorithm.oid).toBe(dialect === 'attributes' ? OID.sm2Sign : OID.sm2WithSm3)
    })

    it('does not verify once any octet of digest, attributes or signature is another', async () => {
      const { bytes, signature } = await sign(dialect)
      const places = [sm3(document), dialect === 'attributes' ? signature : ecdsaToRaw(signature, 32)]
      for (const place of places) {
        const at = indexOf(bytes, place)
        for (const offset of [0, 7, 31]) {
          const turned = bytes.slice()
          turned[at + offset]! ^= 0x04
          expect(await verifiesNot(turned), `${at}+${offset}`).toBe(true)
        }
      }
    })

    it('is not attributed to another certificate', async () => {
      const { signature } = await sign(dialect)
      const forged = cms
        .compileGmSigner({ certificate: pki.get('second').certificate, chain: [], dialect })
        .assemble(sm3(document), signature)
      expect(await verifyOne(forged)).toMatchObject({ valid: false, reason: 'SIGNATURE_INVALID' })
    })

    it('carries a time-stamp token where one is given, and makes room for it', async () => {
      const token = asn1.encodeSequence(asn1.encodeOid(OID.signedData), asn1.encodeNull())
      const { signer, bytes } = await sign(dialect, { timeStampLength: token.length }, token)
      const [verified] = await cms.verifyGmSignedData(cms.parseGmSignedData(bytes), { content: document })
      expect(verified!.valid).toBe(true)
      expect(cms.findSignatureTimeStamps(verified!.signerInfo)).toEqual([token])
      expect(bytes.length).toBeLessThanOrEqual(signer.maxLength)
    })
  })
}

describe('compileGmSigner', () => {
  it('writes the signing time where it is given', async () => {
    const signingTime = new Date('2026-06-15T08:30:00Z')
    const { bytes } = await sign('attributes', { signingTime })
    expect((await verifyOne(bytes)).claimedSigningTime).toEqual(signingTime)
  })

  it('refuses keys other than SM2, digests of another length and signatures of another kind', async () => {
    const { certificate, key } = pki.get('p256')
    throwsWithCode(() => cms.compileGmSigner({ certificate, chain: [] }), 'ALGORITHM_UNSUPPORTED')
    const signer = cms.compileGmSigner({ certificate: seal.certificate, chain: [] })
    expect(() => signer.attributesToSign(new Uint8Array(20))).toThrow(TypeError)
    const raw = ecdsaToRaw(await seal.key.sign(document), 32)
    for (const wrong of [raw, new Uint8Array(0), new Uint8Array(256)])
      throwsWithCode(() => signer.assemble(sm3(document), wrong), 'SIGNATURE_LENGTH_UNEXPECTED')
    const right = await seal.key.sign(document)
    throwsWithCode(() => signer.assemble(sm3(document), right, Uint8Array.of(0x30)), 'CMS_MALFORMED')
    throwsWithCode(
      () => cms.compileSigner({ certificate: seal.certificate, chain: [], signatureAlgorithm: key.signatureAlgorithm }),
      'ALGORITHM_UNSUPPORTED',
    )
  })
})

describe('verifyGmSignedData', () => {
  it('takes r ‖ s in the one dialect and DER in the other', async () => {
    const { bytes, signature } = await sign('attributes')
    const raw = ecdsaToRaw(signature, 32)
    expect(await verifyOne(rewriteSignature(bytes, raw))).toMatchObject({ valid: true })
    const content = await sign('content')
    expect(await verifyOne(rewriteSignature(content.bytes, content.signature))).toMatchObject({ valid: true })
    raw[40]! ^= 1
    expect(await verifyOne(rewriteSignature(bytes, raw))).toMatchObject({ valid: false })
  })

  it('refuses signed attributes that were taken for a content', async () => {
    const { signer, signature } = await sign('attributes')
    const attributes = signer.attributesToSign(sm3(document))
    const template = await sign('content')
    const forged = rewriteSignature(rewriteContent(template.bytes, attributes), ecdsaToRaw(signature, 32))
    expect(await verifyOne(forged, {})).toMatchObject({ valid: false, reason: 'CONTENT_AMBIGUOUS' })
  })

  it('judges an attached content by itself when no document is given, and asks for one when none is attached', async () => {
    expect(await verifyOne((await sign('content')).bytes, {})).toMatchObject({ valid: true })
    expect(await verifyOne((await sign('attributes')).bytes, {})).toMatchObject({
      valid: false,
      reason: 'CONTENT_MISSING',
    })
  })

  it('takes an attached content that is the document itself', async () => {
    const whole = rewriteContent((await sign('content')).bytes, document)
    const bytes = rewriteSignature(whole, ecdsaToRaw(await seal.key.sign(document), 32))
    expect(await verifyOne(bytes)).toMatchObject({ valid: true })
    expect(await verifyOne(bytes, { content: other })).toMatchObject({ valid: false })
  })

  it('knows no algorithm but SM2 with SM3, though the same CMS verifies elsewhere', async () => {
    const { certificate, chain, key } = pki.get('p256')
    const signer = cms.compileSigner({ certificate, chain, signatureAlgorithm: 'ecdsa-with-SHA256' })
    const digest = primitives.digestSync('SHA-256', document)
    const bytes = signer.assemble(digest, await key.sign(signer.attributesToSign(digest)))
    expect((await cms.verifySignedData(cms.parseSignedData(bytes), { content: document }))[0]!.valid).toBe(true)
    expect(await verifyOne(bytes)).toMatchObject({ valid: false, reason: 'SIGNATURE_ALGORITHM_UNKNOWN' })
  })

  it('keeps its leniency to itself: as plain CMS the same bytes are refused', async () => {
    const { bytes } = await sign('attributes')
    throwsWithCode(() => cms.parseSignedData(bytes), 'CMS_MALFORMED')
    const parsed = cms.parseGmSignedData(bytes)
    expect((await cms.verifySignedData(parsed, { content: document }))[0]).toMatchObject({
      valid: false,
      reason: 'CONTENT_TYPE_MISMATCH',
    })
  })
})

describe('parseGmSignedData', () => {
  it('refuses hostile bytes by its code, whatever was cut or turned', async () => {
    const { bytes } = await sign('attributes')
    for (let length = 0; length < bytes.length; length += 61)
      throwsWithCode(() => cms.parseGmSignedData(bytes.subarray(0, length)), 'CMS_MALFORMED')
    throwsWithCode(() => cms.parseGmSignedData(asn1.concat([bytes, Uint8Array.of(0)])), 'CMS_MALFORMED')
  })

  it('never answers a turned octet but by a verdict or a code, and never calls other attributes valid', async () => {
    const { bytes, signer } = await sign('attributes')
    const signed = asn1.toHex(signer.attributesToSign(sm3(document)))
    for (let at = 0; at < bytes.length; at += 3) {
      const turned = bytes.slice()
      turned[at]! ^= 0x20
      const verified = await verifyOrRefuse(turned)
      if (verified?.valid === true)
        expect(asn1.toHex(verified.signerInfo.signedAttributesToVerify!), `octet ${at}`).toBe(signed)
    }
  })

  it('refuses another content type', async () => {
    const enveloped = asn1.encodeSequence(
      asn1.encodeOid('1.2.156.10197.6.1.4.2.3'),
      asn1.encodeContext(0, asn1.encodeSequence()),
    )
    throwsWithCode(() => cms.parseGmSignedData(enveloped), 'CMS_MALFORMED')
    await rejectsWithCode(
      Promise.resolve().then(() => cms.parseGmSignedData(new Uint8Array(0))),
      'CMS_MALFORMED',
    )
  })
})

/** What is judged of the bytes, or nothing where they are refused by a code; anything else that is thrown fails the test. */
async function verifyOrRefuse(bytes: Uint8Array): Promise<cms.SignerVerification | undefined> {
  try {
    return await verifyOne(bytes)
  } catch (error) {
    if ((error as { name?: string }).name !== 'PkiError') throw error
    return undefined
  }
}

const verifiesNot = async (bytes: Uint8Array): Promise<boolean> => (await verifyOrRefuse(bytes))?.valid !== true

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= bytes.length; at++)
    if (part.every((byte, i) => bytes[at + i] === byte)) return at
  throw new TypeError('part not found')
}

/** Walks down to the SignerInfo and writes all around it anew. */
function rebuild(
  bytes: Uint8Array,
  change: (fields: { content: Uint8Array; signer: Uint8Array[] }) => { content: Uint8Array; signer: Uint8Array[] },
): Uint8Array {
  const [type, outer] = asn1.parseDer(bytes).children
  const [version, digests, content, certificates, signers] = outer!.children[0]!.children
  const fields = signers!.children[0]!.children.map(({ raw }) => raw)
  const next = change({ content: content!.raw, signer: fields })
  return asn1.encodeSequence(
    type!.raw,
    asn1.encodeContext(
      0,
      asn1.encodeSequence(
        version!.raw,
        digests!.raw,
        next.content,
        certificates!.raw,
        asn1.encodeSetOf(asn1.encodeSequence(...next.signer)),
      ),
    ),
  )
}

const rewriteSignature = (bytes: Uint8Array, signature: Uint8Array): Uint8Array =>
  rebuild(bytes, ({ content, signer }) => ({
    content,
    signer: [...signer.slice(0, -1), asn1.encodeOctetString(signature)],
  }))

const rewriteContent = (bytes: Uint8Array, content: Uint8Array): Uint8Array =>
  rebuild(bytes, ({ signer }) => ({
    content: asn1.encodeSequence(asn1.encodeOid(OID.gmData), asn1.encodeContext(0, asn1.encodeOctetString(content))),
    signer,
  }))
