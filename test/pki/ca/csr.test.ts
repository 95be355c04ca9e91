import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as pkijs from 'pkijs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, ca, OID, PkiError, type SigningKey, x509 } from '../../../pki/index.ts'
import { makeTestKey, testTimes } from '../../fixtures/pki.ts'
import { isMissing, run } from '../../support/tools.ts'

const { now } = testTimes
const subject: x509.NameEntry[] = [
  ['C', 'CN'],
  ['O', '云汀市市场监督管理局'],
  ['CN', '云汀市市场监督管理局 印章'],
]
const withCode = (code: string) => expect.objectContaining({ code })

describe.each(['ec-p256', 'rsa-2048'] as const)('encodeCsr for a key of kind %s', (kind) => {
  const key = makeTestKey(kind)
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'csr-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('makes a request that reads back, proves possession, and reads the same under pkijs', async () => {
    const der = await ca.encodeCsr({ subject, key })
    const request = ca.parseCsr(der)
    expect(request.subject.text).toBe('C=CN, O=云汀市市场监督管理局, CN=云汀市市场监督管理局 印章')
    expect(request.subjectPublicKeyInfo).toEqual(key.publicKey)
    expect(request.attributes).toEqual([])
    expect(await ca.verifyCsr(request, now)).toBeNull()
    const theirs = pkijs.CertificationRequest.fromBER(der as Uint8Array<ArrayBuffer>)
    expect(await theirs.verify()).toBe(true)
  })

  it.skipIf(isMissing('openssl'))('makes a request that openssl verifies', async () => {
    const file = join(folder, 'request.pem')
    writeFileSync(file, x509.encodePem(await ca.encodeCsr({ subject, key }), 'CERTIFICATE REQUEST'))
    expect(run('openssl', ['req', '-in', file, '-verify', '-noout', '-subject', '-nameopt', 'utf8'])).toMatchObject({
      status: 0,
    })
  })

  it('proves nothing when the subject, the key or the signature was exchanged', async () => {
    const der = await ca.encodeCsr({ subject, key })
    const other = ca.parseCsr(await ca.encodeCsr({ subject, key: makeTestKey(kind) }))
    const request = ca.parseCsr(der)
    const exchange = (changes: Partial<ca.CertificateSigningRequest>) => ca.verifyCsr({ ...request, ...changes }, now)
    expect(await exchange({ signature: other.signature })).toBe('SIGNATURE_INVALID')
    expect(await exchange({ subjectPublicKeyInfo: other.subjectPublicKeyInfo })).toBe('SIGNATURE_INVALID')
    const info = request.info.map((byte, i) => (i === 20 ? byte ^ 1 : byte))
    expect(await exchange({ info })).toBe('SIGNATURE_INVALID')
  })
})

describe('encodeCsr', () => {
  it('refuses an empty subject, and never hands out what its own key does not verify', async () => {
    const key = makeTestKey()
    await expect(ca.encodeCsr({ subject: [], key })).rejects.toThrow(withCode('CERTIFICATE_REFUSED'))
    const broken: SigningKey = { ...key, sign: makeTestKey().sign }
    await expect(ca.encodeCsr({ subject, key: broken })).rejects.toThrow(withCode('CERTIFICATE_REFUSED'))
  })
})

describe('decodePem', () => {
  it('finds requests under either of their names, and nothing else under theirs', async () => {
    const der = await ca.encodeCsr({ subject, key: makeTestKey() })
    const pem = x509.encodePem(der, 'CERTIFICATE REQUEST')
    const old = pem.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')
    expect(x509.decodePem(pem + old, 'CERTIFICATE REQUEST')).toEqual([der, der])
    expect(x509.decodePem(pem + old)).toEqual([])
  })
})

describe('parseCsr', () => {
  const key = makeTestKey()
  const name = x509.encodeName(subject)
  const build = async (fields: {
    version?: Uint8Array
    subject?: Uint8Array
    key?: Uint8Array
    attributes?: Uint8Array[]
  }) => {
    const info = asn1.encodeSequence(
      fields.version ?? asn1.encodeInteger(0),
      fields.subject ?? name,
      fields.key ?? key.publicKey,
      ...(fields.attributes ?? [asn1.encodeContext(0)]),
    )
    const algorithm = asn1.encodeSequence(asn1.encodeOid(OID.ecdsaWithSHA256))
    return asn1.encodeSequence(info, algorithm, asn1.encodeBitString(await key.sign(info)))
  }
  const attribute = (type: string, ...values: Uint8Array[]) =>
    asn1.encodeSequence(asn1.encodeOid(type), asn1.encodeElement(asn1.TAG.set, ...values))
  const keyUsage = asn1.encodeSequence(
    asn1.encodeOid(OID.keyUsage),
    asn1.encodeBoolean(true),
    asn1.encodeOctetString(asn1.encodeNamedBits([0, 1])),
  )

  it.skipIf(isMissing('openssl'))('reads what openssl asks for, its extensions included', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'csr-'))
    const out = join(folder, 'request.der')
    const made = run('openssl', [
      ...[
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        join(folder, 'key.pem'),
        '-outform',
        'DER',
        '-out',
        out,
      ],
      ...[
        '-subj',
        '/C=CN/O=TEST/CN=outside',
        '-addext',
        'subjectAltName=DNS:a.example',
        '-addext',
        'keyUsage=digitalSignature',
      ],
    ])
    expect(made.status).toBe(0)
    const request = ca.parseCsr(new Uint8Array(readFileSync(out)))
    rmSync(folder, { recursive: true })
    expect([...request.extensions.keys()]).toEqual([OID.subjectAltName, OID.keyUsage])
    expect(request.key).toMatchObject({ kind: 'rsa', bits: 2048 })
    expect(await ca.verifyCsr(request, now)).toBeNull()
  })

  it('takes a request whose empty attributes are left out, as old tools do', async () => {
    expect(ca.parseCsr(await build({ attributes: [] })).attributes).toEqual([])
  })

  it('refuses a proof by SHA-1, and one by an algorithm of another key', async () => {
    const request = ca.parseCsr(await build({}))
    const by = (oid: string) => ({
      ...request,
      signatureAlgorithm: { oid, parameters: undefined, raw: asn1.encodeSequence(asn1.encodeOid(oid)) },
    })
    expect(await ca.verifyCsr(by(OID.ecdsaWithSHA1), now)).toBe('ALGORITHM_TOO_WEAK')
    expect(await ca.verifyCsr(by(OID.sha256WithRSAEncryption), now)).toBe('SIGNATURE_INVALID')
    expect(await ca.verifyCsr(by('1.2.3.4'), now)).toBe('SIGNATURE_ALGORITHM_UNKNOWN')
  })

  const nested = (depth: number): Uint8Array =>
    depth === 0 ? new Uint8Array(0) : asn1.encodeSequence(nested(depth - 1))
  const refused: readonly (readonly [what: string, make: () => Promise<Uint8Array> | Uint8Array, code?: string])[] = [
    ['nothing', () => new Uint8Array(0)],
    ['a version of the future', () => build({ version: asn1.encodeInteger(1) })],
    ['a negative version', () => build({ version: Uint8Array.of(2, 1, 0x80) })],
    ['attributes under another tag', () => build({ attributes: [asn1.encodeContext(1)] })],
    [
      'two extension requests',
      () =>
        build({
          attributes: [
            asn1.encodeContext(0, ...[1, 2].map(() => attribute(OID.extensionRequest, asn1.encodeSequence(keyUsage)))),
          ],
        }),
    ],
    [
      'an extension asked for twice',
      () =>
        build({
          attributes: [asn1.encodeContext(0, attribute(OID.extensionRequest, asn1.encodeSequence(keyUsage, keyUsage)))],
        }),
    ],
    [
      'an identifier with an arc beyond all bounds',
      () =>
        build({
          attributes: [
            asn1.encodeContext(
              0,
              asn1.encodeSequence(
                asn1.encodeElement(6, new Uint8Array(120).fill(0xff), Uint8Array.of(1)),
                asn1.encodeElement(asn1.TAG.set),
              ),
            ),
          ],
        }),
    ],
    ['octets after the request', async () => asn1.concat([await build({}), Uint8Array.of(0)])],
    [
      'an indefinite length',
      async () => asn1.concat([Uint8Array.of(0x30, 0x80), (await build({})).subarray(3), Uint8Array.of(0, 0)]),
    ],
    ['a length of four gigabytes', () => Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0)],
    ['a subject that is no name', () => build({ subject: asn1.encodeSequence(asn1.encodeNull()) })],
    [
      'a key that is none',
      () => build({ key: asn1.encodeSequence(asn1.encodeNull(), asn1.encodeNull()) }),
      'KEY_MALFORMED',
    ],
    ['what is nested too deep', () => build({ attributes: [asn1.encodeContext(0, nested(30))] }), 'DER_LIMIT_EXCEEDED'],
    ['what is too large', () => new Uint8Array(70_000), 'DER_LIMIT_EXCEEDED'],
  ]
  for (const [what, make, code = 'CSR_MALFORMED'] of refused) {
    it(`refuses ${what}`, async () => {
      const der = await make()
      expect(() => ca.parseCsr(der)).toThrow(withCode(code))
    })
  }

  it('throws only coded refusals and proves nothing, whatever octet is changed', async () => {
    const sound = await ca.encodeCsr({ subject, key })
    for (let at = 0; at < sound.length; at++) {
      const bytes = sound.map((byte, i) => (i === at ? byte ^ 0x21 : byte))
      try {
        expect([at, await ca.verifyCsr(ca.parseCsr(bytes), now)]).not.toEqual([at, null])
      } catch (error) {
        if (!(error instanceof PkiError)) throw error
      }
    }
  })
})
