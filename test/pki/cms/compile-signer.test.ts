import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, cms, ecdsaFromRaw, OID, primitives, x509 } from '../../../pki/index.ts'
import { createTestPki, makeTestKey, type TestEntity, testTimes } from '../../fixtures/pki.ts'
import { isMissing, run } from '../../support/tools.ts'

const content = new TextEncoder().encode('两段字节之间的空隙')
const digest = primitives.digestSync('SHA-256', content)

const compile = ({ certificate, chain, key }: TestEntity): cms.CmsSigner =>
  cms.compileSigner({ certificate, chain, signatureAlgorithm: key.signatureAlgorithm })

describe.each(['ec-p256', 'rsa-2048'] as const)('compileSigner for a key of kind %s', (kind) => {
  let seal: TestEntity
  let root: Uint8Array
  let folder: string
  beforeAll(async () => {
    const pki = await createTestPki({ root: {}, issuing: { under: 'root' }, seal: { under: 'issuing', key: kind } })
    seal = pki.get('seal')
    root = pki.get('root').certificate
    folder = mkdtempSync(join(tmpdir(), 'cms-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const sign = async (signer = compile(seal)) =>
    signer.assemble(digest, await seal.key.sign(signer.attributesToSign(digest)))

  it('makes a CMS that our own verifier accepts, signing certificate and all', async () => {
    const signedData = cms.parseSignedData(await sign())
    expect(signedData).toMatchObject({ version: 1, eContentType: OID.data, eContent: undefined, paddingLength: 0 })
    expect(signedData.certificates).toHaveLength(3)
    const [verified] = await cms.verifySignedData(signedData, { content })
    expect(verified).toMatchObject({
      valid: true,
      reason: null,
      messageDigestMatches: true,
      signatureValid: true,
      signingCertificateMatches: true,
    })
    expect(verified!.claimedSigningTime).toBeUndefined()
    expect(verified!.certificate!.raw).toEqual(seal.certificate)
  })

  it.skipIf(isMissing('openssl'))(
    'makes a CMS that openssl accepts as CAdES, and refuses over another content',
    async () => {
      const write = (name: string, bytes: Uint8Array | string): string => {
        writeFileSync(join(folder, name), bytes)
        return join(folder, name)
      }
      const signature = write('cms.der', await sign())
      const anchors = write('root.pem', x509.encodePem(root))
      const verify = (file: string) =>
        run('openssl', [
          'cms',
          '-verify',
          '-cades',
          '-binary',
          '-inform',
          'DER',
          '-in',
          signature,
          '-content',
          file,
          '-CAfile',
          anchors,
          '-purpose',
          'any',
          '-attime',
          String(testTimes.now.getTime() / 1000),
        ])
      expect(verify(write('content', content))).toMatchObject({ status: 0 })
      expect(verify(write('other', content.subarray(1))).status).not.toBe(0)
    },
  )

  it('gives the bytes that pkijs gives for the same parts', async () => {
    const signature = await seal.key.sign(compile(seal).attributesToSign(digest))
    expect(asn1.toHex(compile(seal).assemble(digest, signature))).toBe(asn1.toHex(assembleByPkijs(seal, signature)))
  })

  it('reserves as much as the longest signature takes', async () => {
    const signer = compile(seal)
    for (let i = 0; i < 20; i++) expect((await sign(signer)).length).toBeLessThanOrEqual(signer.maxLength)
  })

  it('refuses a digest or a signature of a length that cannot be', () => {
    const signer = compile(seal)
    expect(() => signer.attributesToSign(new Uint8Array(20))).toThrow(TypeError)
    expect(() => signer.assemble(digest, new Uint8Array(kind === 'ec-p256' ? 73 : 255))).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_LENGTH_UNEXPECTED' }),
    )
  })

  it('refuses an algorithm of another kind of key', () => {
    const signatureAlgorithm = kind === 'ec-p256' ? 'sha256WithRSAEncryption' : 'ecdsa-with-SHA256'
    expect(() => cms.compileSigner({ ...seal, signatureAlgorithm })).toThrow(
      expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }),
    )
  })
})

describe('compileSigner', () => {
  it('fits every length an ECDSA signature can have, each time in DER with nothing left over', async () => {
    const pki = await createTestPki({ root: {}, seal: { under: 'root', profile: 'seal' } })
    const signer = compile(pki.get('seal'))
    for (let length = 1; length <= 64; length++) {
      const raw = new Uint8Array(64)
      raw.fill(0x81, 64 - length)
      if (length <= 32) raw[31] = 1
      const signature = ecdsaFromRaw(raw)
      const assembled = signer.assemble(digest, signature)
      const [signerInfo] = cms.parseSignedData(assembled).signerInfos
      expect(signerInfo!.signature).toEqual(signature)
      expect(signerInfo!.signedAttributesToVerify).toEqual(signer.attributesToSign(digest))
      expect(assembled.length).toBeLessThanOrEqual(signer.maxLength)
    }
    const longest = new Uint8Array(64).fill(0xff)
    expect(signer.assemble(digest, ecdsaFromRaw(longest)).length).toBe(signer.maxLength)
  })

  it('fits every token beside every signature, each time in DER with nothing left over', async () => {
    const pki = await createTestPki({ root: {}, seal: { under: 'root', profile: 'seal' } })
    const { certificate, chain, key } = pki.get('seal')
    const timeStampLength = 70_000
    const signer = cms.compileSigner({
      certificate,
      chain,
      signatureAlgorithm: key.signatureAlgorithm,
      timeStampLength,
    })
    const plain = compile(pki.get('seal'))
    expect(signer.maxLength).toBeGreaterThan(plain.maxLength + timeStampLength)
    const signature = await key.sign(signer.attributesToSign(digest))
    expect(signer.assemble(digest, signature)).toEqual(plain.assemble(digest, signature))
    for (const size of [0, 100, 127, 128, 250, 255, 256, 4000, 65_530, 69_970]) {
      const token = asn1.encodeSequence(asn1.encodeOid(OID.signedData), asn1.encodeOctetString(new Uint8Array(size)))
      const assembled = signer.assemble(digest, signature, token)
      expect(assembled.length).toBeLessThanOrEqual(signer.maxLength)
      const signedData = cms.parseSignedData(assembled)
      expect(cms.findSignatureTimeStamps(signedData.signerInfos[0]!)).toEqual([token])
      const [verified] = await cms.verifySignedData(signedData, { content })
      expect(verified).toMatchObject({ valid: true })
    }
  })

  it('refuses a token that is not one whole DER structure', async () => {
    const pki = await createTestPki({ root: {}, seal: { under: 'root', profile: 'seal' } })
    const { key } = pki.get('seal')
    const signer = compile(pki.get('seal'))
    const signature = await key.sign(signer.attributesToSign(digest))
    const sound = asn1.encodeSequence(asn1.encodeOid(OID.signedData), asn1.encodeNull())
    const bad = [
      new Uint8Array(0),
      sound.subarray(0, -1),
      asn1.concat([sound, Uint8Array.of(0)]),
      asn1.encodeSequence(),
    ]
    for (const token of bad)
      expect(() => signer.assemble(digest, signature, token)).toThrow(
        expect.objectContaining({ code: 'CMS_MALFORMED' }),
      )
    expect(() => signer.assemble(digest, new Uint8Array(99), sound)).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_LENGTH_UNEXPECTED' }),
    )
  })

  it('orders the attributes as DER wants, without a signing time', async () => {
    const pki = await createTestPki({ root: {}, seal: { under: 'root', profile: 'seal' } })
    const attributes = asn1.parseDer(compile(pki.get('seal')).attributesToSign(digest)).children
    expect(attributes.map((attribute) => asn1.readOid(attribute.children[0], 'type'))).toEqual([
      OID.contentType,
      OID.messageDigest,
      OID.signingCertificateV2,
    ])
    expect(asn1.sortSetOf(attributes.map(({ raw }) => raw))).toEqual(attributes.map(({ raw }) => raw))
  })

  it('keeps documents apart that are sealed in turns', async () => {
    const pki = await createTestPki({ root: {}, seal: { under: 'root', profile: 'seal' } })
    const { key } = pki.get('seal')
    const signer = compile(pki.get('seal'))
    const digests = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill))
    const attributes = digests.map((value) => signer.attributesToSign(value))
    const signatures = await Promise.all(attributes.map((value) => key.sign(value)))
    const documents = digests.map((value, i) => signer.assemble(value, signatures[i]!))
    for (const [i, document] of documents.entries()) {
      const [verified] = await cms.verifySignedData(cms.parseSignedData(document), { contentDigest: () => digests[i]! })
      expect(verified).toMatchObject({ valid: true })
    }
  })

  it('refuses a certificate whose key it does not sign with, and one that is none', async () => {
    const { publicKey } = makeTestKey()
    expect(() =>
      cms.compileSigner({ certificate: publicKey, chain: [], signatureAlgorithm: 'ecdsa-with-SHA256' }),
    ).toThrow(expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }))
  })
})

/** The oracle: the same SignedData from the same parts, by another library; sets are sorted by hand, which it leaves to its caller. */
function assembleByPkijs({ certificate, chain, key }: TestEntity, signature: Uint8Array): Uint8Array {
  const parse = (der: Uint8Array) => pkijs.Certificate.fromBER(der as Uint8Array<ArrayBuffer>)
  const own = parse(certificate)
  const octets = (bytes: Uint8Array) => new asn1js.OctetString({ valueHex: Uint8Array.from(bytes).buffer })
  const issuerName = new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber: 4 }, value: [own.issuer.toSchema()] })
  const essCertId = new asn1js.Sequence({
    value: [
      octets(createHash('sha256').update(certificate).digest()),
      new asn1js.Sequence({ value: [new asn1js.Sequence({ value: [issuerName] }), own.serialNumber] }),
    ],
  })
  const attribute = (type: string, value: asn1js.BaseBlock) => new pkijs.Attribute({ type, values: [value] })
  const sha256 = () => new pkijs.AlgorithmIdentifier({ algorithmId: OID.sha256 })
  const signerInfo = new pkijs.SignerInfo({
    version: 1,
    sid: new pkijs.IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
    digestAlgorithm: sha256(),
    signedAttrs: new pkijs.SignedAndUnsignedAttributes({
      type: 0,
      attributes: [
        attribute(OID.contentType, new asn1js.ObjectIdentifier({ value: OID.data })),
        attribute(OID.messageDigest, octets(digest)),
        attribute(
          OID.signingCertificateV2,
          new asn1js.Sequence({ value: [new asn1js.Sequence({ value: [essCertId] })] }),
        ),
      ],
    }),
    signatureAlgorithm:
      key.signatureAlgorithm === 'ecdsa-with-SHA256'
        ? new pkijs.AlgorithmIdentifier({ algorithmId: OID.ecdsaWithSHA256 })
        : new pkijs.AlgorithmIdentifier({
            algorithmId: OID.sha256WithRSAEncryption,
            algorithmParams: new asn1js.Null(),
          }),
    signature: octets(signature),
  })
  const signedData = new pkijs.SignedData({
    version: 1,
    digestAlgorithms: [sha256()],
    encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: OID.data }),
    certificates: asn1.sortSetOf([certificate, ...chain]).map(parse),
    signerInfos: [signerInfo],
  })
  const contentInfo = new pkijs.ContentInfo({ contentType: OID.signedData, content: signedData.toSchema(true) })
  return new Uint8Array(contentInfo.toSchema().toBER(false))
}
