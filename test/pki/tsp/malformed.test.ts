import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asn1, OID, tsp } from '../../../pki/index.ts'
import { createTestPki, testTimes } from '../../fixtures/pki.ts'

const withCode = (code: string) => expect.objectContaining({ code })
const policy = '1.3.6.1.4.1.99999.36901.4.1'
const digest = new Uint8Array(32).fill(5)
const sound = tsp.encodeRequest({ messageImprint: digest, nonce: Uint8Array.of(1, 2), policy, certReq: true })

const imprint = (algorithm: Uint8Array, octets: Uint8Array) =>
  asn1.encodeSequence(asn1.encodeSequence(algorithm), asn1.encodeOctetString(octets))
const sha256 = asn1.encodeOid(OID.sha256)
const request = (parts: { version?: Uint8Array; imprint?: Uint8Array; rest?: Uint8Array[] }) =>
  asn1.encodeSequence(
    parts.version ?? asn1.encodeInteger(1),
    parts.imprint ?? imprint(sha256, digest),
    ...(parts.rest ?? []),
  )
const extensions = (...oids: string[]) =>
  asn1.encodeContext(
    0,
    ...oids.map((oid) => asn1.encodeSequence(asn1.encodeOid(oid), asn1.encodeOctetString(asn1.encodeNull()))),
  )

describe('encodeRequest and parseRequest', () => {
  it('give back what went in, whatever it is', () => {
    const digests = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 } as const
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(digests) as (keyof typeof digests)[])),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined }),
        fc.option(fc.constantFrom(policy, '2.999.1', '0.4.0.2023.1.1'), { nil: undefined }),
        fc.boolean(),
        (algorithm, octets, nonce, policy, certReq) => {
          const messageImprint = { algorithm, digest: octets.slice(0, digests[algorithm]) }
          const parsed = tsp.parseRequest(
            tsp.encodeRequest({
              messageImprint,
              certReq,
              ...(nonce && { nonce }),
              ...(policy === undefined ? {} : { policy }),
            }),
          )
          expect(parsed).toMatchObject({ version: 1, messageImprint, policy, certReq, extensions: [] })
          const number = (bytes: Uint8Array) => BigInt(`0x${asn1.toHex(bytes)}`)
          if (nonce === undefined) expect(parsed.nonce).toBeUndefined()
          else expect(number(parsed.nonce!)).toBe(number(nonce))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('refuses a digest that its algorithm cannot have made', () => {
    expect(() => tsp.encodeRequest({ messageImprint: new Uint8Array(20), certReq: true })).toThrow(TypeError)
    const messageImprint = { algorithm: 'SHA-512', digest } as const
    expect(() => tsp.encodeRequest({ messageImprint, certReq: false })).toThrow(TypeError)
  })

  it('never throws anything but a coded refusal, whatever octet is changed or cut off', () => {
    for (let at = 0; at < sound.length; at++) {
      for (const bytes of [sound.slice(0, at), sound.map((byte, i) => (i === at ? byte ^ 0x55 : byte))]) {
        try {
          tsp.findRefusal(tsp.parseRequest(bytes), [policy])
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(TSP_MALFORMED|DER_LIMIT_EXCEEDED)$/) })
        }
      }
    }
  })
})

describe('parseRequest', () => {
  let deep: Uint8Array = new Uint8Array(0)
  for (let i = 0; i < 20; i++) deep = asn1.encodeSequence(deep)
  const refused: readonly (readonly [what: string, bytes: Uint8Array, code?: string])[] = [
    ['nothing', new Uint8Array(0)],
    ['a negative version', request({ version: Uint8Array.of(2, 1, 0xff) })],
    ['a version that is not minimal', request({ version: Uint8Array.of(2, 2, 0, 1) })],
    [
      'an imprint that is no OCTET STRING',
      request({ imprint: asn1.encodeSequence(asn1.encodeSequence(sha256), asn1.encodeNull()) }),
    ],
    [
      'an identifier of 129 octets',
      request({ imprint: imprint(asn1.encodeElement(6, new Uint8Array(129).fill(1)), digest) }),
    ],
    [
      'an arc beyond 2^53',
      request({ rest: [asn1.encodeElement(6, Uint8Array.of(42), new Uint8Array(9).fill(0xff), Uint8Array.of(1))] }),
    ],
    ['fields in another order', request({ rest: [asn1.encodeBoolean(true), asn1.encodeInteger(1)] })],
    ['two nonces', request({ rest: [asn1.encodeInteger(1), asn1.encodeInteger(2)] })],
    ['a BOOLEAN of 1', request({ rest: [Uint8Array.of(1, 1, 1)] })],
    ['an extension twice', request({ rest: [extensions('1.2.3', '1.2.3')] })],
    ['extensions without an extension', request({ rest: [extensions()] })],
    ['octets after the request', asn1.concat([sound, Uint8Array.of(0)])],
    ['an indefinite length', asn1.concat([Uint8Array.of(0x30, 0x80), sound.subarray(2), Uint8Array.of(0, 0)])],
    ['a length of four gigabytes', Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0)],
    ['what is nested too deep', deep, 'DER_LIMIT_EXCEEDED'],
    ['what is too large', new Uint8Array(9000), 'DER_LIMIT_EXCEEDED'],
  ]
  for (const [what, bytes, code = 'TSP_MALFORMED'] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => tsp.parseRequest(bytes)).toThrow(withCode(code))
    })
  }
})

describe('findRefusal', () => {
  const nonceOf = (length: number) => asn1.encodeInteger(new Uint8Array(length).fill(0x7f))
  const cases: readonly (readonly [what: string, bytes: Uint8Array, failureInfo: tsp.FailureInfo | undefined])[] = [
    ['a sound request', sound, undefined],
    ['a request without policy, nonce and certificate', request({}), undefined],
    ['a nonce that reads negative', request({ rest: [Uint8Array.of(2, 1, 0x80)] }), undefined],
    ['SM3', request({ imprint: imprint(asn1.encodeOid(OID.sm3), digest) }), undefined],
    ['version 2', request({ version: asn1.encodeInteger(2) }), 'badRequest'],
    ['SHA-1', request({ imprint: imprint(asn1.encodeOid(OID.sha1), new Uint8Array(20)) }), 'badAlg'],
    ['a hash nobody knows', request({ imprint: imprint(asn1.encodeOid('1.2.3.4'), digest) }), 'badAlg'],
    [
      'a hash with parameters',
      request({ imprint: imprint(asn1.concat([sha256, asn1.encodeInteger(3)]), digest) }),
      'badAlg',
    ],
    ['a digest one octet short', request({ imprint: imprint(sha256, digest.subarray(1)) }), 'badDataFormat'],
    ['an empty digest', request({ imprint: imprint(sha256, new Uint8Array(0)) }), 'badDataFormat'],
    ['a nonce of 65 octets', request({ rest: [nonceOf(65)] }), 'badRequest'],
    ['any extension', request({ rest: [extensions('1.2.3')] }), 'unacceptedExtension'],
    ['a policy that is not offered', request({ rest: [asn1.encodeOid('1.2.3')] }), 'unacceptedPolicy'],
  ]
  for (const [what, bytes, failureInfo] of cases) {
    it(`answers ${failureInfo ?? 'nothing'} to ${what}`, () => {
      expect(tsp.findRefusal(tsp.parseRequest(bytes), [policy])?.failureInfo).toBe(failureInfo)
    })
  }
})

describe('encodeRejection and parseResponse', () => {
  const failures = [
    'badAlg',
    'badRequest',
    'badDataFormat',
    'timeNotAvailable',
    'unacceptedPolicy',
    'unacceptedExtension',
    'addInfoNotAvailable',
    'systemFailure',
  ] as const
  it.each(failures)('tell %s', (failureInfo) => {
    expect(tsp.parseResponse(tsp.encodeRejection(failureInfo, 'why 为何'))).toEqual({
      status: 'rejection',
      texts: ['why 为何'],
      failureInfo,
      token: null,
    })
  })

  const info = (...fields: Uint8Array[]) => asn1.encodeSequence(...fields)
  const refused: readonly (readonly [what: string, bytes: Uint8Array, code?: string])[] = [
    ['nothing', new Uint8Array(0)],
    ['a status of 9', asn1.encodeSequence(info(asn1.encodeInteger(9)))],
    ['a negative status', asn1.encodeSequence(info(Uint8Array.of(2, 1, 0x80)))],
    ['granted without a token', asn1.encodeSequence(info(asn1.encodeInteger(0)))],
    ['a rejection with a token', asn1.encodeSequence(info(asn1.encodeInteger(2)), asn1.encodeSequence())],
    ['a token that is no SEQUENCE', asn1.encodeSequence(info(asn1.encodeInteger(0)), asn1.encodeNull())],
    ['a failure that is no BIT STRING', asn1.encodeSequence(info(asn1.encodeInteger(2), asn1.encodeNull()))],
    ['octets after the response', asn1.concat([tsp.encodeRejection('badAlg', 'x'), Uint8Array.of(0)])],
    ['what is too large', new Uint8Array(2 ** 20 + 1), 'DER_LIMIT_EXCEEDED'],
  ]
  for (const [what, bytes, code = 'TSP_MALFORMED'] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => tsp.parseResponse(bytes)).toThrow(withCode(code))
    })
  }
})

describe('parseToken and verifyToken', async () => {
  const pki = await createTestPki({
    root: {},
    issuing: { under: 'root' },
    tsa: { under: 'issuing', profile: 'time-stamp' },
    other: { under: 'issuing', profile: 'time-stamp' },
    seal: { under: 'issuing' },
  })
  const { certificate, chain, key } = pki.get('tsa')
  const parts = { certificate, chain, signatureAlgorithm: key.signatureAlgorithm, policy, accuracySeconds: 1 }
  const content = { messageImprint: digest, serialNumber: Uint8Array.of(9), genTime: testTimes.now }
  const prepared = tsp.compileTokenSigner(parts).prepare(content)
  const token = prepared.assemble(await key.sign(prepared.toSign))

  /** A token around any TSTInfo, which nobody signed: for the parser. */
  const around = (tstInfo: Uint8Array, contentType: string = OID.tstInfo): Uint8Array => {
    const old = asn1.parseDer(token).children[1]!.children[0]!.children
    const encapsulated = asn1.encodeSequence(
      asn1.encodeOid(contentType),
      asn1.encodeContext(0, asn1.encodeOctetString(tstInfo)),
    )
    const fields = [old[0]!.raw, old[1]!.raw, encapsulated, ...old.slice(3).map(({ raw }) => raw)]
    return asn1.encodeSequence(asn1.encodeOid(OID.signedData), asn1.encodeContext(0, asn1.encodeSequence(...fields)))
  }
  const time = (text: string) => asn1.encodeElement(asn1.TAG.generalizedTime, new TextEncoder().encode(text))
  const info = (changes: { version?: Uint8Array; genTime?: Uint8Array; serial?: Uint8Array; rest?: Uint8Array[] }) =>
    around(
      asn1.encodeSequence(
        changes.version ?? asn1.encodeInteger(1),
        asn1.encodeOid(policy),
        imprint(sha256, digest),
        changes.serial ?? asn1.encodeInteger(1),
        changes.genTime ?? time('20260615120000Z'),
        ...(changes.rest ?? []),
      ),
    )
  const accuracy = (...fields: Uint8Array[]) => asn1.encodeSequence(...fields)
  const thousandths = (number: number, value: Uint8Array) => asn1.encodeContextPrimitive(number, value)

  it('reads fractions of a second and every part of the accuracy', () => {
    const parsed = tsp.parseToken(
      info({
        genTime: time('20260615120000.25Z'),
        rest: [
          accuracy(asn1.encodeInteger(2), thousandths(0, Uint8Array.of(3)), thousandths(1, Uint8Array.of(1, 0xf4))),
          asn1.encodeBoolean(true),
        ],
      }),
    )
    expect(parsed).toMatchObject({ genTime: new Date('2026-06-15T12:00:00.250Z'), accuracyMs: 2003.5, ordering: true })
    for (const none of [accuracy(), accuracy(thousandths(0, Uint8Array.of(0)))])
      expect(tsp.parseToken(info({ rest: [none] })).accuracyMs).toBe(0)
    expect(tsp.parseToken(info({})).accuracyMs).toBeNull()
  })

  const critical = asn1.encodeSequence(
    asn1.encodeOid('1.2.3'),
    asn1.encodeBoolean(true),
    asn1.encodeOctetString(digest),
  )
  const refused: readonly (readonly [what: string, bytes: Uint8Array, code?: string])[] = [
    ['a CMS over data', around(digest, OID.data)],
    ['a TSTInfo of version 2', info({ version: asn1.encodeInteger(2) })],
    ['a time with trailing zeros', info({ genTime: time('20260615120000.50Z') })],
    ['a time with an empty fraction', info({ genTime: time('20260615120000.Z') })],
    ['a time without seconds', info({ genTime: time('202606151200Z') })],
    ['a local time', info({ genTime: time('20260615120000') })],
    ['a thirteenth month', info({ genTime: time('20261315120000Z') })],
    [
      'a time as UTCTime',
      info({ genTime: asn1.encodeElement(asn1.TAG.utcTime, new TextEncoder().encode('260615120000Z')) }),
    ],
    ['a thousand thousandths', info({ rest: [accuracy(thousandths(0, Uint8Array.of(3, 0xe8)))] })],
    ['an accuracy below zero', info({ rest: [accuracy(Uint8Array.of(2, 1, 0x80))] })],
    ['a critical extension', info({ rest: [asn1.encodeContext(1, critical)] })],
    ['an unknown field', info({ rest: [asn1.encodeContext(5)] })],
    ['a TSTInfo with octets after it', around(asn1.concat([asn1.encodeSequence(), Uint8Array.of(0)]))],
    ['a token cut off', token.subarray(0, -1), 'CMS_MALFORMED'],
    ['octets after the token', asn1.concat([token, Uint8Array.of(0)]), 'CMS_MALFORMED'],
  ]
  for (const [what, bytes, code = 'TSP_MALFORMED'] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => tsp.parseToken(bytes)).toThrow(withCode(code))
    })
  }

  it('never accept a token with one octet changed, and throw only coded refusals', async () => {
    for (let at = 0; at < token.length; at += 3) {
      const changed = token.map((byte, i) => (i === at ? byte ^ 0x10 : byte))
      let valid = false
      try {
        valid = (await tsp.verifyToken(tsp.parseToken(changed), { digest })).valid
      } catch (error) {
        expect(error).toMatchObject({ name: 'PkiError' })
      }
      // Outside what is signed stand the versions, the digest algorithms and the certificates of the chain.
      if (valid) expect(isOutside(at)).toBe(true)
    }
  })

  const isOutside = (at: number): boolean => {
    const fields = asn1.parseDer(token).children[1]!.children[0]!.children
    const [version, digests, , certificates, signerInfos] = fields
    const own = certificates!.children.find(({ raw }) => raw.length === certificate.length)!
    const [signerVersion] = signerInfos!.children[0]!.children
    const within = (element: asn1.DerElement) => at >= element.start && at < element.end
    return within(version!) || within(digests!) || within(signerVersion!) || (within(certificates!) && !within(own))
  }

  it('refuse a token of another imprint, of another nonce, with two signers, and without signing certificate', async () => {
    const parsed = tsp.parseToken(token)
    const [signerInfo] = parsed.signedData.signerInfos
    const verify = (changes: Partial<tsp.TimeStampToken>, stamped: tsp.StampedData = { digest }) =>
      tsp.verifyToken({ ...parsed, ...changes }, stamped)
    expect(await verify({})).toMatchObject({ valid: true })
    expect(await verify({}, { digest: new Uint8Array(32) })).toMatchObject({ reason: 'IMPRINT_MISMATCH' })
    expect(await verify({}, { digest, nonce: Uint8Array.of(1) })).toMatchObject({ reason: 'NONCE_MISMATCH' })
    const unknown = { ...parsed.messageImprint, algorithm: undefined }
    expect(await verify({ messageImprint: unknown })).toMatchObject({ reason: 'IMPRINT_ALGORITHM_UNKNOWN' })
    const withSigners = (...signerInfos: (typeof signerInfo)[]) =>
      verify({ signedData: { ...parsed.signedData, signerInfos: signerInfos.map((one) => one!) } })
    expect(await withSigners(signerInfo, signerInfo)).toMatchObject({ reason: 'SIGNER_COUNT' })
    expect(await withSigners()).toMatchObject({ reason: 'SIGNER_COUNT' })
    const unnamed = signerInfo!.signedAttributes!.filter(({ type }) => type !== OID.signingCertificateV2)
    expect(await withSigners({ ...signerInfo!, signedAttributes: unnamed })).toMatchObject({
      reason: 'SIGNING_CERTIFICATE_MISSING',
    })
    await expect(tsp.verifyToken(parsed, {})).rejects.toThrow(TypeError)
  })

  it('refuse to stamp by a certificate that is not for it alone, or by a key of another kind', () => {
    const seal = pki.get('seal').certificate
    expect(() => tsp.compileTokenSigner({ ...parts, certificate: seal })).toThrow(withCode('CERTIFICATE_REFUSED'))
    expect(() => tsp.compileTokenSigner({ ...parts, signatureAlgorithm: 'sha256WithRSAEncryption' })).toThrow(
      withCode('ALGORITHM_UNSUPPORTED'),
    )
    expect(() => tsp.compileTokenSigner({ ...parts, accuracySeconds: 0.5 })).toThrow(TypeError)
  })

  it('refuse to prepare a serial number of zero or of 21 octets, and an endless nonce', () => {
    const signer = tsp.compileTokenSigner(parts)
    for (const serialNumber of [new Uint8Array(3), new Uint8Array(21).fill(1), new Uint8Array(20).fill(0xff)])
      expect(() => signer.prepare({ ...content, serialNumber })).toThrow(TypeError)
    for (const nonce of [new Uint8Array(0), new Uint8Array(65)])
      expect(() => signer.prepare({ ...content, nonce })).toThrow(TypeError)
  })

  it("refuse a token signed with another TSA's key", async () => {
    const forged = prepared.assemble(await pki.get('other').key.sign(prepared.toSign))
    expect(await tsp.verifyToken(tsp.parseToken(forged), { digest })).toMatchObject({ reason: 'SIGNATURE_INVALID' })
  })
})
