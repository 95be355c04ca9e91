import { describe, expect, it } from 'vitest'
import { asn1, ca, OID, ocsp, x509 } from '../../pki/index.ts'
import { NO_EVIDENCE, type ValidationPolicy, verifyDocument } from '../../verifier/index.ts'
import { addData, makeOcsp, sealAt, stampDocument } from '../fixtures/levels.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { archived, crlsAt, day, judge, later, NOW, pki, SEALED, seal, sealed, withAnswers } from './past.ts'
import { page } from './world.ts'

describe('many time stamps', () => {
  it('are not all looked at: the newest count', async () => {
    let pdf = await withAnswers({ archived: [{}] })
    for (let i = 0; i < 66; i++) pdf = stampDocument(pdf, { by: pki.get('tsa'), at: later(10 + i) })
    const report = await judge(pdf)
    const stamps = report.signatures.filter(({ type }) => type === 'document-time-stamp')
    expect(stamps.filter(({ indication }) => indication === 'TOTAL-PASSED')).toHaveLength(64)
    expect(stamps[0]).toMatchObject({ integrity: 'intact', indication: 'INDETERMINATE', subIndication: 'GENERIC' })
    expect(seal(report)).toMatchObject({ level: 'B-LTA', bestSignatureTime: SEALED.toISOString() })
  })
})

describe('evidence that is junk', () => {
  const junk = [Uint8Array.of(0), Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), new Uint8Array(70_000).fill(0x30)]

  it('inside a document leaves it undecided, and is passed over where it has the form of evidence', async () => {
    for (const one of junk) {
      const report = await judge(addData(await withAnswers(), { ocsps: [one] }))
      expect(seal(report)).toMatchObject({ level: 'B-LT', laterChanges: 'undecided' })
      expect(report.verdict).toBe('undecided')
    }
    const formed = [Uint8Array.of(0x30, 0), Uint8Array.of(0x30, 3, 0x30, 1, 5)]
    const pdf = addData(await withAnswers(), { ocsps: formed, crls: formed })
    expect(seal(await judge(pdf))).toMatchObject({ level: 'B-LT', indication: 'TOTAL-PASSED' })
    const alone = addData(sealed(), { ocsps: junk, crls: junk })
    const report = await judge(alone, { at: later(60) })
    expect(seal(report)).toMatchObject({ subIndication: 'CERTIFICATE_CHAIN_GENERAL_FAILURE' })
  })

  it('from outside is evidence missing', async () => {
    const report = await judge(sealed(), { at: later(60), crls: junk, ocsps: junk })
    expect(seal(report)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
    })
  })

  it('an answer about another certificate with the same number does not count', async () => {
    const other = await createTestPki({
      root: { notBefore: day('2016-01-01'), notAfter: day('2046-01-01') },
      ca: { under: 'root', notBefore: day('2018-01-01'), notAfter: day('2037-01-01') },
      seal: { under: 'ca', notBefore: day('2021-01-01'), notAfter: day('2024-01-01') },
    })
    const answer = await makeOcsp({ about: other.get('seal'), by: other.get('ca'), thisUpdate: later(10) })
    const pdf = await withAnswers({ answersFor: ['ca', 'tsa', 'tsaCa'] })
    const report = await judge(addData(pdf, { ocsps: [answer], entities: [other.get('seal')] }), { at: later(60) })
    expect(seal(report)).toMatchObject({ level: 'B-T', subIndication: 'TRY_LATER' })
  })
})

describe('OCSP answers of a document that no responder would make', () => {
  /** A genuine answer of the responder of the seal's CA about the seal and others. */
  const answerWith = async (others: number) => {
    const { certificate, key } = pki.get('responderOfCa')
    const { signatureAlgorithm } = key
    const issuer = pki.get('ca').certificate
    const numbers = Array.from({ length: others }, (_, i) => Uint8Array.of(0x40, i >> 8, i & 255))
    const about = [x509.parseCertificate(pki.get('seal').certificate).serialNumber, ...numbers]
    const [thisUpdate, nextUpdate] = [later(2), later(86_400)]
    const responses = await Promise.all(
      about.map(async (number) => {
        const certId = await ca.createCertId(issuer, number)
        return { certId, status: { kind: 'good' }, thisUpdate, nextUpdate } as const
      }),
    )
    const responder = ca.compileOcspResponder({ certificate, signatureAlgorithm })
    const { toSign, assemble } = responder.prepare({ responses, producedAt: thisUpdate })
    return assemble(key.signSync!(toSign))
  }

  it('about more than 64 certificates are not read, unless they come from outside', async () => {
    const pdf = await withAnswers({ answersFor: ['ca', 'tsa', 'tsaCa'] })
    const at = later(60)
    const [few, many] = [await answerWith(63), await answerWith(64)]
    expect(seal(await judge(addData(pdf, { ocsps: [few] }), { at }))).toMatchObject({ level: 'B-LT' })
    expect(seal(await judge(addData(pdf, { ocsps: [many] }), { at }))).toMatchObject({
      level: 'B-T',
      indication: 'INDETERMINATE',
    })
    expect(seal(await judge(pdf, { at, ocsps: [many] }))).toMatchObject({ indication: 'TOTAL-PASSED', level: 'B-T' })
  })

  it('and that nobody signed cost little, however many certificates they name', async () => {
    const { encodeSequence: sequence, encodeOctetString: octets, encodeContext: context, TAG } = asn1
    const about = x509.parseCertificate(pki.get('tsa').certificate)
    const issuer = x509.parseCertificate(pki.get('tsaCa').certificate)
    const { nameHash, keyHash } = await ocsp.hashIssuer(issuer, 'SHA-1')
    const ocsps = Array.from({ length: 40 }, (_, i) => {
      const time = asn1.encodeGeneralizedTime(later(10 + i))
      const named = [octets(nameHash.map((octet) => octet ^ 1)), octets(keyHash)]
      const id = sequence(
        sequence(asn1.encodeOid(OID.sha1)),
        ...named,
        asn1.encodeElement(TAG.integer, about.serialNumber),
      )
      const single = sequence(id, asn1.encodeContextPrimitive(0, new Uint8Array(0)), time)
      const singles = sequence(...Array.from({ length: 5000 }, () => single))
      const data = sequence(context(1, issuer.subject.raw), time, singles)
      const basic = sequence(
        data,
        sequence(asn1.encodeOid(OID.ecdsaWithSHA256)),
        asn1.encodeBitString(new Uint8Array(70)),
      )
      const bytes = sequence(asn1.encodeOid(OID.ocspBasic), octets(basic))
      return sequence(asn1.encodeInteger(0, TAG.enumerated), context(0, bytes))
    })
    const pdf = addData(await archived(), { ocsps })
    const started = performance.now()
    expect(await judge(pdf, { at: day('2023-06-01') })).toMatchObject({ verdict: 'accepted' })
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

describe('the key of a responder whose certificate has ended', () => {
  const long = { notBefore: day('2021-01-01'), notAfter: day('2036-01-01') }
  const responder = { profile: 'ocsp-responder', ...long } as const
  const story = () =>
    createTestPki({
      root: long,
      ca: { under: 'root', profile: 'issuing-ca', ...long },
      seal: { under: 'ca', notBefore: day('2021-01-01'), notAfter: day('2026-01-01') },
      tsa: { under: 'ca', profile: 'time-stamp', ...long },
      responderOfRoot: { under: 'root', ...responder },
      responderOfCa: { under: 'ca', ...responder },
      responderEnded: { under: 'ca', ...responder, notAfter: day('2023-01-01') },
    })

  it('answers nothing about later times, whenever it says that it answered', async () => {
    const own = await story()
    const stamped = day('2025-05-01')
    const of = (about: 'seal' | 'ca' | 'tsa', by: 'responderOfRoot' | 'responderOfCa' | 'responderEnded') => ({
      about: own.get(about),
      by: own.get(by),
    })
    const soon = later(2, stamped)
    const honest = [
      await makeOcsp({ ...of('tsa', 'responderOfCa'), thisUpdate: soon }),
      await makeOcsp({ ...of('ca', 'responderOfRoot'), thisUpdate: soon }),
    ]
    const pdf = sealAt(await page(), own.get('seal'), { field: 'Seal1', signedAt: stamped, docMdp: 1 }, [
      { at: stamped, by: own.get('tsa') },
    ])
    const policy: ValidationPolicy = { trustAnchors: [own.get('root').certificate], trustList: 'skipped' }
    const judgeWith = async (answer: Uint8Array) => {
      const entities = [own.get('seal'), own.get('tsa')]
      const bytes = addData(pdf, { entities, ocsps: [answer, ...honest] })
      return verifyDocument({ name: 'a.pdf', bytes }, NO_EVIDENCE, policy, day('2025-06-01'))
    }
    const good = await makeOcsp({ ...of('seal', 'responderOfCa'), thisUpdate: soon })
    expect(await judgeWith(good)).toMatchObject({ verdict: 'accepted' })
    for (const producedAt of [soon, day('2022-06-01')]) {
      const forged = await makeOcsp({ ...of('seal', 'responderEnded'), thisUpdate: soon, producedAt })
      expect(await judgeWith(forged)).toMatchObject({ verdict: 'undecided' })
    }
  })
})

describe('many documents under one policy', () => {
  it('at once have the reports that each has alone', async () => {
    const pdfs = await Promise.all([
      withAnswers(),
      archived(),
      sealed(),
      withAnswers({ by: 'sealRevoked' }),
      archived({ stamp: { by: 'tsaShort' } }),
      withAnswers({ answeredAt: later(-1) }),
    ])
    const policy: ValidationPolicy = { trustAnchors: [pki.get('root').certificate], trustList: 'skipped' }
    const crls = await crlsAt(later(-60, NOW))
    const one = (bytes: Uint8Array, own = policy) =>
      verifyDocument({ name: 'a.pdf', bytes }, { ...NO_EVIDENCE, crls }, own, NOW)
    const alone = []
    for (const pdf of pdfs) alone.push(await one(pdf, { ...policy }))
    expect(await Promise.all(pdfs.map((pdf) => one(pdf)))).toEqual(alone)
    expect(await Promise.all(pdfs.toReversed().map((pdf) => one(pdf)))).toEqual(alone.toReversed())
  })
})
