// Only the octets around the gap of a signature are digested. Parted elsewhere, the same octets are another document: one that lay ready in a
// stream of the document that was handed in to be sealed.
import { beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { inspectPdf } from '../../pades/write/index.ts'
import { isAccepted, makeSealer } from '../pades/documents.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { bytesOf, lastXrefOf, streamOf, textOf } from './xref-streams.ts'

const padded = (number: number) => String(number).padStart(10, '0')
const rows = (offsets: ReadonlyMap<number, number>) =>
  [...offsets].map(([number, offset]) => `${number} 1\n${padded(offset)} 00000 n \n`).join('')
const page =
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 6 0 R >> >> >>'
const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'
const paid = (sum: number) => streamOf(`BT /F1 12 Tf 20 180 Td (To be paid: ${sum}) Tj ET`)

/**
 * A document whose object 20, a stream that nothing draws, is a second document, with a signature that has no /Contents yet.
 * @param range of that signature
 */
function twoInOne(range: readonly number[], filler: string) {
  const inner = (head: string) => {
    let text = `%PDF-1.7\n20 0 obj\n${head}\nstream\n`
    const from = text.length
    const offsets = new Map<number, number>()
    const put = (number: number, body: string) => {
      offsets.set(number, text.length)
      text += `${number} 0 obj\n${body}\nendobj\n`
    }
    put(1, '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [8 0 R] /SigFlags 3 >> >>')
    put(2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>')
    put(3, page)
    put(4, paid(999_999))
    put(6, font)
    put(8, '<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seal1) /Rect [0 0 0 0] /V 9 0 R >>')
    offsets.set(9, text.length)
    text += `9 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [${range.map(padded).join(' ')}] /Contents `
    const gap = text.length
    text += ' >>\nendobj\n'
    const xref = text.length
    text += `xref\n${rows(offsets)}trailer\n<< /Size 10 /Root 1 0 R >>\nstartxref\n1\n%%EOF\n${filler}`
    return { text, gap, xref, length: text.length - from }
  }
  const headOf = (length: number) => `<< /Length ${String(length).padStart(6, '0')} >>`
  const { text, gap, xref } = inner(headOf(inner(headOf(0)).length))
  let whole = `${text}\nendstream\nendobj\n`
  const offsets = new Map([[20, 9]])
  const put = (number: number, body: string) => {
    offsets.set(number, whole.length)
    whole += `${number} 0 obj\n${body}\nendobj\n`
  }
  put(1, '<< /Type /Catalog /Pages 2 0 R /PieceInfo << /X << /Private 20 0 R >> >> >>')
  put(2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>')
  put(3, page)
  put(4, paid(100))
  put(6, font)
  const start = whole.length
  whole += `xref\n${rows(offsets)}trailer\n<< /Size 100 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return { pdf: bytesOf(whole), gap, xref }
}

describe('the same signed octets, parted elsewhere', () => {
  let seal: Awaited<ReturnType<typeof makeSealer>>['seal']
  beforeAll(async () => {
    ;({ seal } = await makeSealer())
  })

  it('are not the document that was sealed', async () => {
    const facts = (sealed: Uint8Array) => {
      const text = textOf(sealed)
      const [, from, to, length] = /\/ByteRange \[0 (\d+) (\d+) (\d+) *\]/
        .exec(text.slice(text.lastIndexOf('/ByteRange')))!
        .map(Number)
      return { text, from: from!, to: to!, length: length!, xref: lastXrefOf(text), signed: from! + length! }
    }
    // Sealing is the same in its sizes each time: the forger seals one to know them.
    let filler = ''
    let one = twoInOne([0, 0, 0, 0], filler)
    let probe = facts(seal(one.pdf))
    if ((probe.xref - one.xref) % 2 === 1) {
      filler = ' '
      one = twoInOne([0, 0, 0, 0], filler)
      probe = facts(seal(one.pdf))
    }
    const room = probe.xref - one.xref
    const { pdf } = twoInOne([0, one.gap, one.gap + room, probe.signed - one.gap], filler)
    // The house does not seal it; others might.
    throwsWithCode(() => inspectPdf(pdf), 'PADES_XREF_BROKEN')
    const sealed = seal(pdf)
    expect(await isAccepted(sealed)).toBe(true)
    const { text, from, to, length } = facts(sealed)
    const signed = text.slice(0, from) + text.slice(to, to + length)
    const cms = text.slice(from + 1, to - 1).replace(/0+$/, '')
    const forged = bytesOf(`${signed.slice(0, one.gap)}<${cms.padEnd(room - 2, '0')}>${signed.slice(one.gap)}`)
    const read = readSignedPdf(forged)
    expect(read.ok && read.signatures[0]).toMatchObject({ field: 'Seal1', byteRange: 'bad' })
    expect(await isAccepted(forged)).toBe(false)
  })
})
