// What a document made elsewhere gets before its first seal: appended, and over nothing that is there already.
import { describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { type DocumentDress, dressDocument } from '../../pades/write/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { makePdf, makeSealer, shapes, signedAt } from './documents.ts'
import { onePage } from './raw-pdf.ts'

const encoder = new TextEncoder()
const mark = (x: number, y: number, page = 0) => ({ page, x, y, width: 80, height: 90 })
const dressAt = (x: number, y: number, change: Partial<DocumentDress> = {}): DocumentDress => ({
  pictures: [
    {
      appearance: { content: encoder.encode('1 g 0 0 80 90 re f 0 g 10 10 60 60 re f'), bbox: [0, 0, 80, 90] },
      marks: [mark(x, y)],
      mayCover: false,
    },
  ],
  files: [
    {
      ...{ name: 'licence.json', bytes: encoder.encode('{"a":1}'), mediaType: 'application/json' },
      ...{ relationship: 'Data', description: '证照数据' },
    },
    {
      ...{ name: 'a statement.txt', bytes: encoder.encode('HTTPS'), mediaType: 'text/plain' },
      ...{ relationship: 'Supplement', description: '二维码' },
    },
  ],
  xmp: encoder.encode('<?xpacket?>'),
  modifiedAt: signedAt,
  ...change,
})
const text = 'BT /F1 12 Tf 72 720 Td (text) Tj ET'

describe('dressDocument', () => {
  it.each(Object.entries(shapes))('appends to %s what a seal then covers', async (_name, shape) => {
    const pdf = await makePdf(shape)
    const dressed = dressDocument(pdf, dressAt(300, 300))
    expect(Buffer.compare(dressed.subarray(0, pdf.length), pdf)).toBe(0)
    expect(dressDocument(pdf, dressAt(300, 300))).toEqual(dressed)
    const { seal } = await makeSealer()
    const read = readSignedPdf(seal(dressed))
    if (!read.ok) throw new Error(read.detail)
    const [signature] = read.signatures
    expect([signature!.docMdp, signature!.laterChanges]).toEqual([1, 'none'])
    const embedded = read.embeddedFiles(signature)
    if (!embedded.ok) throw new Error('the files cannot be read')
    expect(embedded.files).toMatchObject([
      { name: 'a statement.txt', relationship: 'Supplement', mediaType: 'text/plain' },
      { name: 'licence.json', relationship: 'Data', mediaType: 'application/json' },
    ])
    expect(new TextDecoder().decode(embedded.files[1]!.bytes)).toBe('{"a":1}')
  })

  it('tells two documents apart that are dressed differently, by their second /ID', async () => {
    const pdf = await makePdf()
    const idOf = (bytes: Uint8Array) =>
      /\/ID \[<[0-9A-F]*> <([0-9A-F]+)>\]/.exec(Buffer.from(bytes).toString('latin1'))?.[1]
    const [one, other] = ['a', 'b'].map((xmp) =>
      idOf(dressDocument(pdf, dressAt(40, 40, { xmp: encoder.encode(xmp) }))),
    )
    expect(one).toMatch(/^[0-9A-F]{32}$/)
    expect(other).not.toBe(one)
  })

  it.each<[string, string, string, readonly [number, number]]>([
    ['text', text, '', [60, 700]],
    ['text on a page that is turned', text, '/Rotate 90', [700, 480]],
    [
      'a marked text',
      '',
      '/Annots [<< /Subtype /Highlight /Rect [0 0 1 1] /QuadPoints [70 730 90 730 70 710 90 710] >>]',
      [60, 700],
    ],
    [
      'strokes of a pen',
      '',
      '/Annots [<< /Subtype /Ink /Rect [0 0 1 1] /InkList [[1 1 2 2] [70 710 90 730]] >>]',
      [60, 700],
    ],
    ['an annotation', '', '/Annots [<< /Type /Annot /Subtype /Square /Rect [70 710 100 730] >>]', [60, 700]],
  ])('puts nothing opaque over %s', (_what, content, page, [x, y]) => {
    throwsWithCode(() => dressDocument(onePage(content, { page }), dressAt(x, y)), 'PADES_PLACE_TAKEN')
    const transparent = dressAt(x, y).pictures.map((picture) => ({ ...picture, mayCover: true }))
    expect(dressDocument(onePage(content, { page }), dressAt(x, y, { pictures: transparent }))).toBeInstanceOf(
      Uint8Array,
    )
  })

  it('takes white space, and text that nobody sees, for an empty place', () => {
    for (const content of ['BT /F1 12 Tf 72 720 Td (   ) Tj ET', 'BT /F1 12 Tf 3 Tr 72 720 Td (scanned) Tj ET'])
      expect(dressDocument(onePage(content), dressAt(60, 700))).toBeInstanceOf(Uint8Array)
  })

  it('refuses what carries files of its own, wherever they hang', async () => {
    const file = { name: 'more.json', text: '{}' }
    throwsWithCode(await dressing(makePdf({ file })), 'PADES_FILES_EMBEDDED')
    const attached =
      '/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [1 1 2 2] /FS << /Type /Filespec /EF << >> >> >>]'
    throwsWithCode(() => dressDocument(onePage(text, { page: attached }), dressAt(40, 40)), 'PADES_FILES_EMBEDDED')
  })

  it('refuses what is signed: its signature would not cover what is added', async () => {
    const { seal } = await makeSealer()
    throwsWithCode(await dressing(makePdf().then((pdf) => seal(pdf))), 'PADES_ALREADY_SIGNED')
  })

  it('refuses what has an empty signature field: who verifies would miss a seal in it, and ours could land there', () => {
    const form = '/AcroForm << /Fields [<< /FT /Sig /T (Seal1) /Subtype /Widget /Rect [0 0 0 0] >>] >>'
    throwsWithCode(() => dressDocument(onePage(text, { catalog: form }), dressAt(40, 40)), 'PADES_FIELDS_EMPTY')
  })

  it('refuses what has a field, or fields below one, with the name that the field of a seal will have', () => {
    const isSealField = (name: string) => name === 'Seal1'
    const form = (fields: string) => onePage(text, { catalog: `/AcroForm << /Fields [${fields}] >>` })
    const box = '/FT /Tx /Subtype /Widget /Rect [0 0 9 9]'
    for (const fields of [`<< ${box} /T (Seal1) >>`, `<< /T (Seal1) /Kids [<< ${box} /T (name) >>] >>`])
      throwsWithCode(() => dressDocument(form(fields), dressAt(40, 40, { isSealField })), 'PADES_FIELD_NAME_TAKEN')
    expect(dressDocument(form(`<< ${box} /T (name) >>`), dressAt(40, 40, { isSealField }))).toBeInstanceOf(Uint8Array)
  })

  it('refuses a place that is not on the page, and a page that is not there', async () => {
    const pdf = await makePdf()
    throwsWithCode(() => dressDocument(pdf, dressAt(560, 40)), 'PADES_PLACEMENT_INVALID')
    const pictures = dressAt(40, 40).pictures.map((picture) => ({ ...picture, marks: [mark(40, 40, 3)] }))
    throwsWithCode(() => dressDocument(pdf, dressAt(40, 40, { pictures })), 'PADES_PAGE_NOT_FOUND')
  })
})

const dressing = async (pdf: Promise<Uint8Array>) => {
  const bytes = await pdf
  return () => dressDocument(bytes, dressAt(40, 40))
}
