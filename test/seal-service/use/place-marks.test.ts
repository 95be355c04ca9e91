import { PDFDocument } from 'pdf-lib'
import { describe, expect, it } from 'vitest'
import type { DocumentPlace } from '../../../seal-service/domain/document-order.ts'
import { SealError } from '../../../seal-service/errors.ts'
import { marksOfEach, readDocument } from '../../../seal-service/operations/use/place-marks.ts'

const size = { width: 113, height: 113 }
const inspected = (pages: number) => ({
  pages: Array.from({ length: pages }, () => ({ width: 595, height: 842 })),
  ...{ signatures: 0, docMdp: null, emptyFields: [], files: [], risks: [] },
})
const edge: DocumentPlace = { at: 'edge', edge: 'right' }
const point: DocumentPlace = { at: 'point', page: 1, x: 100, y: 100 }

describe('readDocument', () => {
  const documentWith = async (name: string): Promise<Uint8Array> => {
    const document = await PDFDocument.create()
    document.addPage()
    await document.attach(Buffer.from('{}'), name, { mimeType: 'application/json' })
    return document.save({ useObjectStreams: false })
  }

  it('refuses what carries the files of a licence: sealed, it would pass for that licence', async () => {
    expect(readDocument(await documentWith('plan.json')).files).toEqual(['plan.json'])
    for (const name of ['licence.json', 'statement.txt']) {
      const refused = {
        code: 'SEAL_DOCUMENT_REFUSED',
        faults: [{ code: 'PADES_FILES_EMBEDDED', pointer: '/document' }],
      }
      const pdf = await documentWith(name)
      expect(() => readDocument(pdf)).toThrow(
        expect.objectContaining({ ...refused, faults: [expect.objectContaining(refused.faults[0]!)] }),
      )
    }
  })
})

describe('marksOfEach', () => {
  it('makes as many marks as a seal may have over all places, and refuses the places from there on', () => {
    const each = marksOfEach(new Uint8Array(), inspected(1_200), [point, edge, edge, point], size)
    expect(each.map((marks) => (marks instanceof SealError ? marks.faults : marks.length))).toEqual([
      1,
      1_200,
      [expect.objectContaining({ pointer: '/places/2', code: 'PADES_LIMIT_EXCEEDED' })],
      [expect.objectContaining({ pointer: '/places/3', code: 'PADES_LIMIT_EXCEEDED' })],
    ])
  })

  it('tells of each place by itself why it has no marks', () => {
    const each = marksOfEach(new Uint8Array(), inspected(1), [edge, point, { ...point, page: 9 }], size)
    expect(each.map((marks) => (marks instanceof SealError ? marks.faults?.[0]?.code : marks.length))).toEqual([
      'PADES_PLACEMENT_INVALID',
      1,
      'PADES_PAGE_NOT_FOUND',
    ])
  })
})
