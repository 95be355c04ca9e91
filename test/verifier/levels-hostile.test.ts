import { describe, expect, it } from 'vitest'
import { NO_EVIDENCE, type ValidationPolicy, verifyDocument } from '../../verifier/index.ts'
import { addData, makeOcsp, stampDocument } from '../fixtures/levels.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { archived, crlsAt, day, judge, later, NOW, pki, SEALED, seal, sealed, withAnswers } from './past.ts'

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
