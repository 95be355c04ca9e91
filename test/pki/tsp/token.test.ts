import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, cms, OID, primitives, tsp, x509 } from '../../../pki/index.ts'
import { createTestPki, type TestEntity, testTimes } from '../../fixtures/pki.ts'
import { isMissing, run } from '../../support/tools.ts'

const policy = '1.3.6.1.4.1.99999.36901.2.1'
const data = new TextEncoder().encode('签名值')
const imprint = primitives.digestSync('SHA-256', data)
const serialNumber = Uint8Array.of(0x81, 2, 3)
const nonce = Uint8Array.of(0x7f, 1, 2, 3, 4, 5, 6, 7)

const compile = ({ certificate, chain, key }: TestEntity, changes: Partial<tsp.TokenSignerParts> = {}) =>
  tsp.compileTokenSigner({
    certificate,
    chain,
    signatureAlgorithm: key.signatureAlgorithm,
    policy,
    accuracySeconds: 1,
    ...changes,
  })

const stamp = async (tsa: TestEntity, content: Partial<tsp.TokenContent> = {}): Promise<Uint8Array> => {
  const prepared = compile(tsa).prepare({
    messageImprint: imprint,
    serialNumber,
    genTime: new Date(testTimes.now.getTime() + 789),
    ...content,
  })
  return prepared.assemble(await tsa.key.sign(prepared.toSign))
}

describe.each(['ec-p256', 'rsa-2048'] as const)('compileTokenSigner with a key of kind %s', (kind) => {
  let tsa: TestEntity
  let root: Uint8Array
  let folder: string
  beforeAll(async () => {
    const pki = await createTestPki({
      root: {},
      issuing: { under: 'root' },
      tsa: { under: 'issuing', profile: 'time-stamp', key: kind },
    })
    tsa = pki.get('tsa')
    root = pki.get('root').certificate
    folder = mkdtempSync(join(tmpdir(), 'tsp-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('makes tokens that read back as they were asked for and verify', async () => {
    const token = tsp.parseToken(await stamp(tsa, { nonce }))
    expect(token).toMatchObject({
      genTime: testTimes.now,
      accuracyMs: 1000,
      ordering: false,
      policy,
      serialNumberHex: '00810203',
      nonce,
      messageImprint: { algorithm: 'SHA-256', digest: imprint },
      signedData: { version: 3 },
    })
    expect(token.certificates).toHaveLength(3)
    expect(await tsp.verifyToken(token, { data, nonce })).toMatchObject({ valid: true, reason: null })
    expect(await tsp.verifyToken(token, { digest: imprint })).toMatchObject({ valid: true })
  })

  it('gives the imprint back as it came, parameters of the algorithm included', async () => {
    const algorithm = asn1.encodeSequence(asn1.encodeOid(OID.sha256), asn1.encodeNull())
    const raw = asn1.encodeSequence(algorithm, asn1.encodeOctetString(imprint))
    const request = tsp.parseRequest(asn1.encodeSequence(asn1.encodeInteger(1), raw))
    const token = tsp.parseToken(await stamp(tsa, { messageImprint: request.messageImprint }))
    expect(token.messageImprint.raw).toEqual(raw)
    expect(await tsp.verifyToken(token, { data })).toMatchObject({ valid: true })
  })

  it('keeps stamps apart that are made at once', async () => {
    const signer = compile(tsa)
    const texts = Array.from({ length: 40 }, (_, i) => new TextEncoder().encode(`${i}`))
    const prepared = texts.map((text, i) =>
      signer.prepare({
        messageImprint: primitives.digestSync('SHA-256', text),
        serialNumber: Uint8Array.of(i + 1),
        genTime: testTimes.now,
        nonce: Uint8Array.of(i),
      }),
    )
    const signatures = await Promise.all(prepared.map(({ toSign }) => tsa.key.sign(toSign)))
    const tokens = prepared.map((one, i) => one.assemble(signatures[i]!)).reverse()
    for (const [i, text] of texts.reverse().entries()) {
      const token = tsp.parseToken(tokens[i]!)
      expect(token.serialNumber).toEqual(Uint8Array.of(texts.length - i))
      expect(await tsp.verifyToken(token, { data: text, nonce: Uint8Array.of(texts.length - 1 - i) })).toMatchObject({
        valid: true,
      })
    }
  })

  it('leaves the certificates out when they are not asked for', async () => {
    const token = tsp.parseToken(await stamp(tsa, { certReq: false }))
    expect(token.certificates).toEqual([])
    expect(await tsp.verifyToken(token, { data })).toMatchObject({
      valid: false,
      reason: 'SIGNER_CERTIFICATE_NOT_FOUND',
    })
    expect(await tsp.verifyToken(token, { data, certificates: [tsa.certificate] })).toMatchObject({ valid: true })
    const parsed = x509.parseCertificate(tsa.certificate)
    const verified = await tsp.verifyToken(token, { data, certificates: [parsed] })
    expect(verified.certificate).toBe(parsed)
  })

  it('reserves as much as the longest token takes', async () => {
    const { maxLength } = compile(tsa)
    const longest = await stamp(tsa, {
      messageImprint: { algorithm: 'SHA-512', digest: new Uint8Array(64) },
      serialNumber: new Uint8Array(20).fill(0x7f),
      nonce: new Uint8Array(64).fill(0x7f),
    })
    expect(longest.length).toBeLessThanOrEqual(maxLength)
    expect(longest.length).toBeGreaterThan(maxLength - 8)
  })

  it.skipIf(isMissing('openssl'))('makes responses that openssl ts accepts, with nonce and certificates', async () => {
    const write = (name: string, bytes: Uint8Array | string): string => {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    }
    const file = write('data', data)
    const asked = join(folder, 'request.tsq')
    run('openssl', ['ts', '-query', '-data', file, '-sha256', '-cert', '-out', asked])
    const shown = run('openssl', ['ts', '-query', '-data', file, '-sha384', '-cert', '-tspolicy', policy])
    expect(shown.status).toBe(0)
    const { readFileSync } = await import('node:fs')
    const request = tsp.parseRequest(new Uint8Array(readFileSync(asked)))
    expect(tsp.findRefusal(request, [policy])).toBeNull()
    const response = write(
      'response.tsr',
      tsp.encodeResponse(
        await stamp(tsa, {
          messageImprint: request.messageImprint,
          nonce: request.nonce,
          certReq: request.certReq,
        }),
      ),
    )
    const anchors = write('root.pem', x509.encodePem(root))
    const at = ['-attime', String(testTimes.now.getTime() / 1000)]
    const verify = (...how: string[]) =>
      run('openssl', ['ts', '-verify', '-in', response, '-CAfile', anchors, ...at, ...how])
    expect(verify('-queryfile', asked)).toMatchObject({ status: 0 })
    expect(verify('-data', file)).toMatchObject({ status: 0 })
    expect(verify('-data', write('other', data.subarray(1))).status).not.toBe(0)
    const token = write('token.der', await stamp(tsa))
    expect(
      run('openssl', ['ts', '-verify', '-in', token, '-token_in', '-data', file, '-CAfile', anchors, ...at]),
    ).toMatchObject({ status: 0 })
  })
})

describe('compileSigner with a time stamp', () => {
  it('carries the token over its own signature as an unsigned attribute, within what it reserves', async () => {
    const pki = await createTestPki({
      root: {},
      issuing: { under: 'root' },
      seal: { under: 'issuing' },
      tsa: { under: 'issuing', profile: 'time-stamp' },
    })
    const { certificate, chain, key } = pki.get('seal')
    const signer = cms.compileSigner({
      certificate,
      chain,
      signatureAlgorithm: key.signatureAlgorithm,
      timeStampLength: compile(pki.get('tsa')).maxLength,
    })
    const signature = await key.sign(signer.attributesToSign(imprint))
    const token = await stamp(pki.get('tsa'), { messageImprint: primitives.digestSync('SHA-256', signature) })
    const sealed = signer.assemble(imprint, signature, token)
    expect(sealed.length).toBeLessThanOrEqual(signer.maxLength)
    const signedData = cms.parseSignedData(sealed)
    const [verified] = await cms.verifySignedData(signedData, { content: data })
    expect(verified).toMatchObject({ valid: true })
    const stamps = cms.findSignatureTimeStamps(signedData.signerInfos[0]!)
    expect(stamps).toEqual([token])
    expect(await tsp.verifyToken(tsp.parseToken(stamps[0]!), { data: signature })).toMatchObject({ valid: true })
    expect(() => signer.assemble(imprint, signature, token.subarray(1))).toThrow(
      expect.objectContaining({ code: 'CMS_MALFORMED' }),
    )
    expect(asn1.toHex(signer.assemble(imprint, signature)).includes(asn1.toHex(token))).toBe(false)
  })
})
