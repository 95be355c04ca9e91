import { PDFDocument } from '@cantoo/pdf-lib'
import { describe, expect, it } from 'vitest'
import { NO_EVIDENCE, type ValidationPolicy, verifyDocument } from '../../verifier/index.ts'
import { judgedAt, makeLongTermDocuments } from '../fixtures/long-term-documents.ts'

// The documents that EU DSS and pyHanko judge in test/conformance: the same outcome, time and level here.

const blank = await PDFDocument.create({ updateMetadata: false })
blank.addPage([600, 800])
const { house, documents } = await makeLongTermDocuments(await blank.save({ useObjectStreams: false }))
const policy: ValidationPolicy = { trustAnchors: [house.root], trustList: 'skipped' }
const lists = await house.crls(new Date('2026-06-15T00:00:00Z'))

describe('a document of a house with a past', () => {
  it.each(Object.entries(documents))('%s', async (_, { bytes, level, known, passes, bestSignatureTime }) => {
    const evidence = { ...NO_EVIDENCE, crls: known === 'lists' ? lists : [] }
    const report = await verifyDocument({ name: 'a.pdf', bytes }, evidence, policy, judgedAt)
    const seals = report.signatures.filter(({ type }) => type === 'signature')
    expect(report.indication).toBe(passes ? 'TOTAL-PASSED' : 'INDETERMINATE')
    expect(report.documentChangedAfterSeal).toBe(false)
    if (!passes) return
    expect(seals.map((seal) => seal.level)).toEqual(seals.map(() => level))
    expect(seals[0]!.bestSignatureTime).toBe(bestSignatureTime.toISOString())
  })
})
