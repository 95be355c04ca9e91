import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, ca, ocsp, x509 } from '../../../pki/index.ts'
import { createTestPki, type TestPki, testTimes } from '../../fixtures/pki.ts'
import { isMissing, run } from '../../support/tools.ts'

type Name = 'root' | 'issuing' | 'seal' | 'other' | 'responder'
const { thisUpdate, nextUpdate, now } = testTimes

const makePki = (key: 'ec-p256' | 'rsa-2048') =>
  createTestPki<Name>({
    root: { key },
    issuing: { under: 'root', key },
    seal: { under: 'issuing', key },
    other: { under: 'issuing', key },
    responder: { under: 'issuing', profile: 'ocsp-responder', key, notAfter: new Date('2027-06-01T00:00:00Z') },
  })

const answer = async (
  pki: TestPki<Name>,
  by: Name,
  content: Omit<ca.OcspContent, 'producedAt'>,
): Promise<Uint8Array> => {
  const { certificate, key } = pki.get(by)
  const responder = ca.compileOcspResponder({ certificate, signatureAlgorithm: key.signatureAlgorithm })
  const prepared = responder.prepare({ producedAt: now, ...content })
  return prepared.assemble(await key.sign(prepared.toSign))
}

describe.each(['ec-p256', 'rsa-2048'] as const)('compileOcspResponder with a key of kind %s', (kind) => {
  let pki: TestPki<Name>
  let folder: string
  beforeAll(async () => {
    pki = await makePki(kind)
    folder = mkdtempSync(join(tmpdir(), 'ocsp-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const idOf = (name: Name, digest?: 'SHA-1' | 'SHA-256') =>
    ca.createCertId(
      pki.get('issuing').certificate,
      x509.parseCertificate(pki.get(name).certificate).serialNumber,
      digest,
    )

  it('answers good, revoked with its reason, and unknown, as asked by SHA-1 or SHA-256, nonce included', async () => {
    const revoked = { kind: 'revoked', revocationDate: thisUpdate, reason: 'keyCompromise' } as const
    const nonce = new Uint8Array(128).fill(9)
    const response = ocsp.parseResponse(
      await answer(pki, 'responder', {
        nonce,
        responses: [
          { certId: await idOf('seal'), status: { kind: 'good' }, thisUpdate, nextUpdate },
          {
            certId: await idOf('other', 'SHA-256'),
            status: revoked,
            thisUpdate,
            nextUpdate,
            archiveCutoff: thisUpdate,
          },
          { certId: await idOf('responder'), status: { kind: 'unknown' }, thisUpdate, nextUpdate },
        ],
      }),
    )
    expect(response.producedAt).toEqual(now)
    expect(response.certificates).toEqual([pki.get('responder').certificate])
    expect(asn1.parseDer(response.nonce!).content).toEqual(nonce)
    expect(response.single.map(({ status, reason, certId }) => [status, reason, certId.digest])).toEqual([
      ['good', undefined, 'SHA-1'],
      ['revoked', 'keyCompromise', 'SHA-256'],
      ['unknown', undefined, 'SHA-1'],
    ])
  })

  it.skipIf(isMissing('openssl'))('answers what openssl asks so that openssl accepts it', async () => {
    const write = (name: string, bytes: Uint8Array | string): string => {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    }
    const pem = (name: Name) => write(`${name}.pem`, x509.encodePem(pki.get(name).certificate))
    const query = (name: Name, ...how: string[]) => {
      const file = join(folder, 'request.der')
      const asked = run('openssl', ['ocsp', '-issuer', pem('issuing'), ...how, '-cert', pem(name), '-reqout', file])
      expect(asked.status).toBe(0)
      return ca.parseOcspRequest(new Uint8Array(readFileSync(file)))
    }
    const judge = (name: Name, response: Uint8Array, ...how: string[]) =>
      run('openssl', [
        ...['ocsp', '-issuer', pem('issuing'), ...how, '-cert', pem(name), '-respin', write('response.der', response)],
        ...['-CAfile', pem('root'), '-verify_other', pem('issuing'), '-attime', String(now.getTime() / 1000)],
        ...['-validity_period', '1000000000'],
      ])
    for (const digest of ['-sha1', '-sha256']) {
      const request = query('seal', digest)
      expect(request.nonce).toBeInstanceOf(Uint8Array)
      const good = request.certIds.map((certId) => ({
        certId,
        status: { kind: 'good' } as const,
        thisUpdate,
        nextUpdate,
      }))
      for (const by of ['responder', 'issuing'] as const) {
        const judged = judge('seal', await answer(pki, by, { responses: good }), digest)
        expect(judged).toMatchObject({ status: 0 })
        expect(judged.output).toMatch(/seal.pem: good[\s\S]*Response verify OK/)
      }
      const altered = await answer(pki, 'responder', { responses: good })
      altered[altered.indexOf(0x18) + 16]! ^= 1
      expect(judge('seal', altered, digest).output).not.toContain('verify OK')
    }
    const revoked = {
      certId: await idOf('other'),
      status: { kind: 'revoked', revocationDate: thisUpdate, reason: 'superseded' } as const,
      thisUpdate,
      nextUpdate,
    }
    const judged = judge('other', await answer(pki, 'responder', { responses: [revoked] }))
    expect(judged.output).toMatch(/other.pem: revoked[\s\S]*Reason: superseded[\s\S]*verify OK/)
    expect(run('openssl', ['ocsp', '-respin', write('error.der', ca.encodeOcspError('tryLater'))]).output).toContain(
      'trylater',
    )
  })

  it('makes answers that our own verifier accepts', async () => {
    const [issuer, certificate] = (['issuing', 'seal'] as const).map((name) =>
      x509.parseCertificate(pki.get(name).certificate),
    )
    const response = ocsp.parseResponse(
      await answer(pki, 'responder', {
        responses: [{ certId: await idOf('seal', 'SHA-256'), status: { kind: 'good' }, thisUpdate, nextUpdate }],
      }),
    )
    const question = { issuer: issuer!, certificate: certificate!, at: now, candidates: [] }
    expect(await ocsp.verifyResponse(response, question)).toBeNull()
    expect(await ocsp.verifyResponse(response, { ...question, at: testTimes.leafEnd })).not.toBeNull()
  })

  it('refuses a certificate that may not answer, an empty answer and impossible times', async () => {
    const { certificate, key } = pki.get('seal')
    const parts = { certificate, signatureAlgorithm: key.signatureAlgorithm }
    expect(() => ca.compileOcspResponder(parts)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_REFUSED' }))
    await expect(answer(pki, 'responder', { responses: [] })).rejects.toThrow(TypeError)
    const backwards = {
      certId: await idOf('seal'),
      status: { kind: 'good' } as const,
      thisUpdate,
      nextUpdate: thisUpdate,
    }
    await expect(answer(pki, 'responder', { responses: [backwards] })).rejects.toThrow(TypeError)
  })
})

describe('parseOcspRequest', () => {
  let certId: Awaited<ReturnType<typeof ca.createCertId>>
  beforeAll(async () => {
    const pki = await createTestPki({ root: {} })
    certId = await ca.createCertId(pki.get('root').certificate, Uint8Array.of(1))
  })
  const extension = (oid: string, critical: boolean, value: Uint8Array) =>
    asn1.encodeSequence(
      asn1.encodeOid(oid),
      ...(critical ? [asn1.encodeBoolean(true)] : []),
      asn1.encodeOctetString(value),
    )
  const build = (parts: { list?: Uint8Array; extensions?: Uint8Array[]; before?: Uint8Array[] }) =>
    asn1.encodeSequence(
      asn1.encodeSequence(
        ...(parts.before ?? []),
        parts.list ?? asn1.encodeSequence(asn1.encodeSequence(certId.raw)),
        ...(parts.extensions === undefined ? [] : [asn1.encodeContext(2, asn1.encodeSequence(...parts.extensions))]),
      ),
    )
  const nonceOf = (length: number) =>
    extension('1.3.6.1.5.5.7.48.1.2', false, asn1.encodeOctetString(new Uint8Array(length)))

  it('reads what encodeOcspRequest writes', () => {
    for (const length of [1, 32, 128]) {
      const nonce = new Uint8Array(length).fill(7)
      expect(ca.parseOcspRequest(ca.encodeOcspRequest({ certIds: [certId], nonce }))).toEqual({
        certIds: [certId],
        nonce,
      })
    }
    expect(ca.parseOcspRequest(ca.encodeOcspRequest({ certIds: [certId, certId] })).nonce).toBeUndefined()
    expect(() => ca.encodeOcspRequest({ certIds: [certId], nonce: new Uint8Array(129) })).toThrow(TypeError)
  })

  it('passes over extensions that are not critical, and an explicit version of v1', () => {
    const before = [asn1.encodeContext(0, asn1.encodeInteger(0))]
    const other = extension('1.3.6.1.5.5.7.48.1.4', false, Uint8Array.of(5, 0))
    expect(ca.parseOcspRequest(build({ before, extensions: [other, nonceOf(5)] })).nonce).toHaveLength(5)
  })

  const refused: readonly (readonly [what: string, make: () => Uint8Array])[] = [
    ['nothing', () => new Uint8Array(0)],
    ['an empty nonce', () => build({ extensions: [nonceOf(0)] })],
    ['a nonce of 129 octets', () => build({ extensions: [nonceOf(129)] })],
    [
      'a nonce that is no OCTET STRING',
      () => build({ extensions: [extension('1.3.6.1.5.5.7.48.1.2', false, Uint8Array.of(9))] }),
    ],
    ['two nonces', () => build({ extensions: [nonceOf(3), nonceOf(3)] })],
    ['a critical extension nobody knows', () => build({ extensions: [extension('1.2.3', true, Uint8Array.of(5, 0))] })],
    ['a version of the future', () => build({ before: [asn1.encodeContext(0, asn1.encodeInteger(1))] })],
    ['no question', () => build({ list: asn1.encodeSequence() })],
    ['33 questions', () => ca.encodeOcspRequest({ certIds: Array.from({ length: 33 }, () => certId) })],
    ['octets after the request', () => asn1.concat([build({}), Uint8Array.of(0)])],
    [
      'an indefinite length',
      () => asn1.concat([Uint8Array.of(0x30, 0x80), build({}).subarray(2), Uint8Array.of(0, 0)]),
    ],
    ['a length beyond the end', () => Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1)],
    [
      'a serial number with needless zeros',
      () => build({ list: asn1.encodeSequence(asn1.encodeSequence(withSerial(Uint8Array.of(0, 0, 1)))) }),
    ],
  ]
  const withSerial = (content: Uint8Array) =>
    asn1.encodeSequence(
      ...asn1
        .parseDer(certId.raw)
        .children.slice(0, 3)
        .map(({ raw }) => raw),
      asn1.encodeElement(asn1.TAG.integer, content),
    )
  for (const [what, make] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => ca.parseOcspRequest(make())).toThrow(expect.objectContaining({ code: 'OCSP_MALFORMED' }))
    })
  }

  it('refuses what is large or deep before reading it', () => {
    const large = build({ extensions: [extension('1.2.3', false, new Uint8Array(20_000))] })
    let deep: Uint8Array = new Uint8Array(0)
    for (let i = 0; i < 60; i++) deep = asn1.encodeSequence(deep)
    for (const bytes of [large, deep])
      expect(() => ca.parseOcspRequest(bytes)).toThrow(expect.objectContaining({ code: 'DER_LIMIT_EXCEEDED' }))
  })

  it('throws only coded refusals, whatever octet is changed or cut off', () => {
    const sound = ca.encodeOcspRequest({ certIds: [certId], nonce: new Uint8Array(32).fill(1) })
    for (let at = 0; at < sound.length; at++) {
      for (const bytes of [sound.slice(0, at), sound.map((byte, i) => (i === at ? byte ^ 0x41 : byte))]) {
        try {
          ca.parseOcspRequest(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(OCSP_MALFORMED|DER_LIMIT_EXCEEDED)$/) })
        }
      }
    }
  })
})

describe('an OCSP answer', () => {
  it('reads back as it was made, whatever it says', async () => {
    const pki = await createTestPki({ root: {} })
    const { certificate, key } = pki.get('root')
    const responder = ca.compileOcspResponder({ certificate, signatureAlgorithm: key.signatureAlgorithm })
    const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000))
    const reasons = ['unspecified', 'keyCompromise', 'cACompromise', 'certificateHold', 'privilegeWithdrawn'] as const
    const status: fc.Arbitrary<ca.CertificateStatus> = fc.oneof(
      fc.constant({ kind: 'good' } as const),
      fc.constant({ kind: 'unknown' } as const),
      fc.record({ kind: fc.constant('revoked' as const), revocationDate: second, reason: fc.constantFrom(...reasons) }),
    )
    const single = fc.record({
      serialNumber: fc.uint8Array({ minLength: 2, maxLength: 19 }).map((octets) => Uint8Array.of(0x41, ...octets)),
      digest: fc.constantFrom('SHA-1' as const, 'SHA-256' as const),
      status,
      thisUpdate: second,
    })
    const nonce = fc.option(fc.uint8Array({ minLength: 1, maxLength: 128 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(
        fc.array(single, { minLength: 1, maxLength: 5 }),
        second,
        nonce,
        async (asked, producedAt, nonce) => {
          const responses = await Promise.all(
            asked.map(async ({ serialNumber, digest, status, thisUpdate }) => ({
              certId: await ca.createCertId(certificate, serialNumber, digest),
              status,
              thisUpdate,
              nextUpdate: new Date(thisUpdate.getTime() + 1000),
            })),
          )
          const prepared = responder.prepare({ responses, producedAt, nonce })
          const read = ocsp.parseResponse(prepared.assemble(await key.sign(prepared.toSign)))
          expect(read.tbs).toEqual(prepared.toSign)
          expect(read.producedAt).toEqual(producedAt)
          expect(read.nonce && asn1.parseDer(read.nonce).content).toEqual(nonce)
          expect(
            read.single.map(({ certId, status, revocationDate, reason, thisUpdate, nextUpdate }) => ({
              certId,
              status: status === 'revoked' ? { kind: status, revocationDate, reason } : { kind: status },
              thisUpdate,
              nextUpdate,
            })),
          ).toEqual(responses)
        },
      ),
      { numRuns: 60 },
    )
  })
})
