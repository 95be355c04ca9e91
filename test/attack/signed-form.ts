import { createHash } from 'node:crypto'
import { appendUpdate, firstFreeNumber, type UpdatedObject } from '../../pades/incremental-update.ts'
import type { PdfDictionary } from '../../pades/objects.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { concat, type makeSealer, openPdf } from '../pades/documents.ts'

// A small form, signed in whatever way a test asks for: attacks on documents that leave something open.

export type Document = ReturnType<typeof openPdf>
export type Attack = (document: Document, free: number) => readonly UpdatedObject[]
type Sealer = Awaited<ReturnType<typeof makeSealer>>

const streamOf = (text: string, entries = ''): string =>
  `<< ${entries} /Length ${text.length} >>\nstream\n${text}\nendstream`

const formXObject = '/Type /XObject /Subtype /Form /BBox [0 0 200 20]'

/** Numbers of the objects that tests change. */
export const numbers = {
  catalog: 1,
  page: 3,
  content: 4,
  form: 5,
  font: 6,
  name: 7,
  agree: 8,
  fixed: 9,
  comment: 10,
  picture: 11,
  image: 14,
  otherPage: 15,
} as const

/** One page with a text field, a check box, a read-only field, a comment, an image; a second page. */
export const formObjects: readonly string[] = [
  '<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>',
  '<< /Type /Pages /Kids [3 0 R 15 0 R] /Count 2 >>',
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [7 0 R 8 0 R 9 0 R 10 0 R] ' +
    '/Resources << /Font << /F1 6 0 R >> /XObject << /Im1 14 0 R >> >> >>',
  streamOf('BT /F1 12 Tf 60 600 Td (To be paid: 100) Tj ET q 50 0 0 50 400 400 cm /Im1 Do Q'),
  '<< /Fields [7 0 R 8 0 R 9 0 R] /DR << /Font << /Helv 6 0 R >> >> /DA (/Helv 0 Tf 0 g) >>',
  '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  '<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (old) /Rect [50 700 250 720] /F 4 /DA (/Helv 12 Tf) /AP << /N 11 0 R >> >>',
  '<< /Type /Annot /Subtype /Widget /FT /Btn /T (agree) /V /Off /AS /Off /Rect [50 650 60 660] /F 4 /AP << /N << /Yes 12 0 R /Off 13 0 R >> >> >>',
  '<< /Type /Annot /Subtype /Widget /FT /Tx /Ff 1 /T (fixed) /V (x) /Rect [50 500 250 520] /F 4 >>',
  '<< /Type /Annot /Subtype /Text /Rect [500 800 520 820] /Contents (a note) /F 28 >>',
  streamOf('/Tx BMC BT /Helv 12 Tf 2 2 Td (old) Tj ET EMC', `${formXObject} /Resources << /Font << /Helv 6 0 R >> >>`),
  streamOf('0 0 10 10 re f', formXObject),
  streamOf('', formXObject),
  streamOf('\xff', '/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8'),
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>',
]

/** A PDF of these objects, numbered from 1. */
export function pdfOf(objects: readonly string[]): Uint8Array {
  let text = '%PDF-1.7\n'
  const entries = objects.map((object, index) => {
    const entry = `${String(text.length).padStart(10, '0')} 00000 n \n`
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return entry
  })
  const size = objects.length + 1
  const xref = `xref\n0 ${size}\n0000000000 65535 f \n${entries.join('')}`
  return concat(`${text}${xref}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`)
}

export const docMdp = (permission: 1 | 2 | 3): string =>
  `/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P ${permission} /V /1.2 >> >>]`

export const fieldMdp = (action: string, fields: readonly string[]): string =>
  `/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << /Type /TransformParams /Action /${action} ` +
  `/Fields [${fields.map((field) => `(${field})`).join(' ')}] /V /1.2 >> >>]`

/** Signs with an invisible field `Seal1`; `entries` are put into the signature dictionary, `field` into the field. */
export function signForm(sealer: Sealer, pdf: Uint8Array, entries = '', field = '', name = 'Seal1'): Uint8Array {
  const document = openPdf(pdf)
  const free = firstFreeNumber(document)
  const room = '0'.repeat(8)
  const objects: UpdatedObject[] = [
    {
      number: free,
      generation: 0,
      body: `<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 ${room} ${room} ${room}] /Contents <${'0'.repeat(2 * sealer.signer.maxLength)}> ${entries} >>`,
    },
    {
      number: free + 1,
      generation: 0,
      body: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (${name}) /Rect [0 0 0 0] /V ${free} 0 R ${field} >>`,
    },
    withField(document, free + 1),
  ]
  const file = Buffer.from(appendUpdate(document, objects, new Uint8Array(16)).bytes)
  const from = file.indexOf('<0000', file.lastIndexOf('/Contents <00'))
  const to = file.indexOf('>', from) + 1
  const digits = [from, to, file.length - to].map((number) => String(number).padStart(8, '0'))
  file.write(`/ByteRange [0 ${digits.join(' ')}]`, file.lastIndexOf('/ByteRange [0'), 'latin1')
  const digest = createHash('sha256').update(file.subarray(0, from)).update(file.subarray(to)).digest()
  const { signer, key } = sealer
  const cms = signer.assemble(new Uint8Array(digest), key.signSync!(signer.attributesToSign(new Uint8Array(digest))))
  file.write(Buffer.from(cms).toString('hex'), from + 1, 'latin1')
  return new Uint8Array(file)
}

/** An object of the document with some entries replaced. */
export function rewritten(document: Document, number: number, change: Record<string, string | null>): UpdatedObject {
  const object = document.object(number)!
  return { number, generation: object.generation, body: writeDictionary(object.value as PdfDictionary, change) }
}

export const object = (number: number, body: string): UpdatedObject => ({ number, generation: 0, body })

export const stream = (number: number, text: string, entries = ''): UpdatedObject => ({
  number,
  generation: 0,
  body: `<< ${entries} /Length ${text.length} >>`,
  stream: new TextEncoder().encode(text),
})

/** The form with a field more. */
export function withField(document: Document, field: number): UpdatedObject {
  const form = document.object(numbers.form)!.value as PdfDictionary
  const fields = writeDictionary({ kind: 'dictionary', entries: new Map([['F', form.entries.get('Fields')!]]) })
  const list = fields.slice(fields.indexOf('['), fields.lastIndexOf(']'))
  return rewritten(document, numbers.form, { Fields: `${list} ${field} 0 R]`, SigFlags: '3' })
}

/** The first page with annotations more, and without some. */
export function withAnnotations(
  document: Document,
  added: readonly number[],
  without: readonly number[] = [],
): UpdatedObject {
  const kept = [7, 8, 9, 10].filter((number) => !without.includes(number))
  return rewritten(document, numbers.page, {
    Annots: `[${[...kept, ...added].map((number) => `${number} 0 R`).join(' ')}]`,
  })
}

/** Adds an annotation to the page, with a picture of its own where one is given. */
export const annotation =
  (entries: string, appearance?: { text: string; entries?: string }): Attack =>
  (document, free) => [
    object(
      free,
      `<< /Type /Annot ${entries} ${appearance ? `/AP << /N ${free + 1} 0 R >>` : ''} /P ${numbers.page} 0 R >>`,
    ),
    withAnnotations(document, [free]),
    ...(appearance ? [stream(free + 1, appearance.text, appearance.entries ?? formXObject)] : []),
  ]
