import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, ca, cms, eseal, ocsp, primitives, type SigningKey, x509 } from '../../pki/index.ts'
import { createTestPki, type TestPki, testTimes } from '../fixtures/pki.ts'
import { newSm2Key, type Sm2TestKey } from '../fixtures/sm2.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing, run } from '../support/tools.ts'

const DISTID = 'distid:1234567812345678'
const document = new TextEncoder().encode('<ofd:Signature/>')
const atSeconds = String(testTimes.now.getTime() / 1000)

describe.skipIf(isMissing('openssl'))('SM2 beside openssl', () => {
  const folder = temporaryFolder()
  const file = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const openssl = (...args: string[]) => run('openssl', args)
  let pki: TestPki<'root' | 'issuing' | 'seal' | 'responder'>

  beforeAll(async () => {
    pki = await createTestPki({
      root: { key: 'sm2' },
      issuing: { under: 'root', key: 'sm2' },
      seal: { under: 'issuing', key: 'sm2' },
      responder: {
        under: 'issuing',
        key: 'sm2',
        profile: 'ocsp-responder',
        notAfter: new Date('2027-01-01T00:00:00Z'),
      },
    })
  })

  /** Whether openssl takes a signature by SM2 with this identifier over these bytes. */
  const verifies = (key: SigningKey, data: Uint8Array, signature: Uint8Array, distid = DISTID): boolean => {
    const pem = Buffer.from(key.publicKey).toString('base64').replace(/.{64}/g, '$&\n')
    const result = openssl(
      ...['pkeyutl', '-verify', '-pubin', '-rawin', '-digest', 'sm3', '-pkeyopt', distid],
      ...['-inkey', file('key.pem', `-----BEGIN PUBLIC KEY-----\n${pem}\n-----END PUBLIC KEY-----\n`)],
      ...['-in', file('data', data), '-sigfile', file('signature', signature)],
    )
    return result.status === 0
  }

  it('takes our signatures under their identifier, and under no other', () => {
    const key = newSm2Key()
    expect(verifies(key, document, key.signSync(document))).toBe(true)
    expect(verifies(key, document, key.signSync(document), 'distid:other')).toBe(false)
    expect(verifies(key, document, key.signSync(document, 'ALICE123@YAHOO.COM'), 'distid:ALICE123@YAHOO.COM')).toBe(
      true,
    )
    expect(verifies(key, document.subarray(1), key.signSync(document))).toBe(false)
  })

  it('makes signatures that we take', async () => {
    const key = newSm2Key()
    const out = join(folder, 'theirs.sig')
    for (const [distid, expected] of [
      [DISTID, true],
      ['distid:ALICE123@YAHOO.COM', false],
    ] as const) {
      const { status, output } = openssl(
        ...['pkeyutl', '-sign', '-rawin', '-digest', 'sm3', '-pkeyopt', distid],
        ...['-inkey', privatePem(key), '-in', file('data', document), '-out', out],
      )
      expect(status, output).toBe(0)
      const signature = readBytes(out)
      expect(await primitives.verify('SM2-with-SM3', key.publicKey, document, signature)).toBe(expected)
    }
  })

  const privatePem = (key: Sm2TestKey): string =>
    file('private.pem', key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
  const readBytes = (path: string): Uint8Array => new Uint8Array(readFileSync(path))

  /** The three parts of whatever is SIGNED in X.509's way. */
  const verifiesSigned = (key: SigningKey, der: Uint8Array): boolean => {
    const [tbs, , signature] = asn1.parseDer(der).children
    return verifies(key, tbs!.raw, signature!.content.subarray(1))
  }

  // openssl hands an identifier to the certificate in question alone, so the chain is asked for link by link.
  it('takes each of our certificates under its issuer, strictly', () => {
    const { seal, root, issuing } = pki.entities
    const pem = (name: string, { certificate }: { certificate: Uint8Array }) => file(name, x509.encodePem(certificate))
    const verify = (distid: string, leaf: string, issuer: string) =>
      openssl(
        ...['verify', '-vfyopt', distid, '-x509_strict', '-partial_chain', '-attime', atSeconds],
        ...['-trusted', issuer, leaf],
      )
    const [top, middle, leaf] = [pem('root.pem', root), pem('issuing.pem', issuing), pem('seal.pem', seal)]
    for (const [subject, issuer] of [
      [leaf, middle],
      [middle, top],
    ] as const) {
      const { status, output } = verify(DISTID, subject, issuer)
      expect(status, output).toBe(0)
      expect(verify('distid:other', subject, issuer).status).not.toBe(0)
    }
    expect(verify(DISTID, leaf, top).status).not.toBe(0)
  })

  // Lists and answers are given none: their signatures are checked by themselves.
  it('takes the signatures of our lists and answers', async () => {
    const { issuing, responder, seal } = pki.entities
    const list = await pki.crl('issuing')
    expect(verifiesSigned(issuing.key, list)).toBe(true)
    expect(openssl('crl', '-in', file('list.crl', list), '-inform', 'DER', '-noout', '-text').output).toContain(
      'Signature Algorithm: SM2-with-SM3',
    )
    const leaf = x509.parseCertificate(seal.certificate)
    const issuer = x509.parseCertificate(issuing.certificate)
    const prepared = ca
      .compileOcspResponder({ certificate: responder.certificate, signatureAlgorithm: 'SM2-with-SM3' })
      .prepare({
        responses: [
          {
            certId: await ca.createCertId(issuing.certificate, leaf.serialNumber),
            status: { kind: 'good' },
            thisUpdate: testTimes.thisUpdate,
            nextUpdate: testTimes.nextUpdate,
          },
        ],
        producedAt: testTimes.thisUpdate,
      })
    const signature = await responder.key.sign(prepared.toSign)
    const answer = prepared.assemble(signature)
    expect(verifies(responder.key, prepared.toSign, signature)).toBe(true)
    const told = openssl('ocsp', '-respin', file('answer.der', answer), '-noverify', '-resp_text').output
    expect(told).toContain('Cert Status: good')
    expect(told).toContain('SM2-with-SM3')
    const fault = await ocsp.verifyResponse(ocsp.parseResponse(answer), {
      issuer,
      certificate: leaf,
      at: testTimes.now,
      candidates: [],
    })
    expect(fault).toBe(null)
  })

  it('takes our certification request, and we take its own', async () => {
    const key = newSm2Key()
    const request = await ca.encodeCsr({ subject: [['CN', 'TEST']], key })
    const csr = file('ours.csr', request)
    const verified = openssl('req', '-in', csr, '-inform', 'DER', '-verify', '-noout', '-vfyopt', DISTID)
    expect(verified.status, verified.output).toBe(0)
    expect(verified.output).toMatch(/verify OK/i)
    const theirs = join(folder, 'theirs.csr')
    const made = openssl(
      ...['req', '-new', '-sm3', '-sigopt', DISTID, '-key', privatePem(key), '-subj', '/CN=TEST'],
      ...['-outform', 'DER', '-out', theirs],
    )
    expect(made.status, made.output).toBe(0)
    expect(await ca.verifyCsr(ca.parseCsr(readBytes(theirs)), testTimes.now)).toBe(null)
  })

  it('makes a chain that we validate', async () => {
    const [rootKey, leafKey] = [newSm2Key(), newSm2Key()]
    const [root, csr, leaf] = ['root.cer', 'leaf.csr', 'leaf.cer'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const rootPem = file('root.key', rootKey.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
    const steps = [
      ['req', '-new', '-x509', '-sm3', '-sigopt', DISTID, '-key', rootPem, '-subj', '/CN=TEST A', '-out', root],
      ['req', '-new', '-sm3', '-sigopt', DISTID, '-key', privatePem(leafKey), '-subj', '/CN=TEST B', '-out', csr],
      [
        ...['x509', '-req', '-sm3', '-sigopt', DISTID, '-vfyopt', DISTID, '-in', csr, '-CA', root, '-CAkey', rootPem],
        ...['-set_serial', '5', '-days', '10', '-out', leaf],
      ],
    ]
    for (const step of steps) {
      const { status, output } = openssl(...step)
      expect(status, output).toBe(0)
    }
    const [anchor, made] = [root, leaf].map((path) => x509.decodePem(readFileSync(path, 'utf8'))[0]!)
    const at = new Date(x509.parseCertificate(made!).notBefore.getTime() + 1000)
    const { valid, detail } = await x509.validatePath({ leaf: made!, intermediates: [], anchors: [anchor!], at })
    expect(valid, detail).toBe(true)
  })

  it('takes the signatures of our CMS, seals and SES_Signatures over the octets that are signed', async () => {
    const { seal } = pki.entities
    const digest = primitives.digestSync('SM3', document)
    const signer = cms.compileGmSigner({ certificate: seal.certificate, chain: [] })
    const toSign = signer.attributesToSign(digest)
    expect(verifies(seal.key, toSign, await seal.key.sign(toSign))).toBe(true)
    const maker = pki.get('issuing')
    const prepared = eseal.prepareSeal(
      {
        vendorId: 'TEST',
        esId: '11010100000001',
        property: {
          type: 1,
          name: 'TEST 印章',
          certList: { kind: 'certificates', certificates: [seal.certificate] },
          createDate: testTimes.now,
          validStart: testTimes.start,
          validEnd: testTimes.leafEnd,
        },
        picture: { type: 'PNG', data: Uint8Array.of(1), widthMm: 42, heightMm: 42 },
      },
      maker.certificate,
    )
    const made = prepared.assemble(await maker.key.sign(prepared.toSign))
    const parsed = eseal.parseSeal(made)
    expect(verifies(maker.key, parsed.signedBytes, parsed.signature)).toBe(true)
    const signature = await eseal.prepareSignature(
      { seal: made, time: testTimes.now, dataHash: digest, propertyInfo: '/Doc_0/Signs/Sign_0/Signature.xml' },
      seal.certificate,
    )
    const signed = eseal.parseSignature(signature.assemble(await seal.key.sign(signature.toSign)))
    expect(verifies(seal.key, signed.signedBytes, signed.signature)).toBe(true)
    // What openssl prints of it has the shape of the standard: four fields, an IA5String of 14 digits in the first.
    const printed = openssl('asn1parse', '-inform', 'DER', '-in', file('ours.esl', made)).stdout
    expect(printed.match(/^\s*\d+:d=1 /gm)).toHaveLength(4)
    expect(printed).toContain('IA5STRING         :11010100000001')
  })
})
