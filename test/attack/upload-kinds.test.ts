// Uploaded documents whose tables, page trees, fields and filters readers take for different things.
import { describe, expect, it } from 'vitest'
import { inspectPdf } from '../../pades/write/index.ts'
import { helvetica, onePage, type RawObject, rawPdf } from '../pades/raw-pdf.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

const latin1 = (octets: Uint8Array) => Buffer.from(octets).toString('latin1')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const isSealable = (file: Uint8Array) => expect(inspectPdf(file).pages.length).toBeGreaterThan(0)
const isRefused = (file: Uint8Array, code = 'PADES_MALFORMED') => throwsWithCode(() => inspectPdf(file), code)

const content = 'BT /F1 24 Tf 60 630 Td (To be paid: 100) Tj ET'
const other = { dictionary: '', content: 'BT /F1 24 Tf 60 630 Td (999) Tj ET' }
const page = (entries: string, more: readonly RawObject[] = []) => onePage(content, { page: entries, more })
const contents = (value: string, ...more: readonly RawObject[]) => onePage(content, { contents: value, more })

describe('the cross-reference of an uploaded document', () => {
  const plain = latin1(onePage(content))
  const table = /xref\n0 5\n(?<free>[\s\S]{20})(?<catalog>[\s\S]{20})(?<rest>[\s\S]*)trailer/
  const { free, catalog, rest } = table.exec(plain)!.groups as Record<string, string>
  const withTable = (written: string) => bytes(plain.replace(table, () => `${written}trailer`))

  it('is written as all readers take it', () => {
    isSealable(withTable(`xref\n0 5\n${free}${catalog}${rest}`))
    isSealable(withTable(`xref\n0 1\n${free}1 4\n${catalog}${rest}\r\n`))
    for (const written of [
      `xref\n1 5\n${free}${catalog}${rest}`,
      `xref %c\n0 5\n${free}${catalog}${rest}`,
      `xref\n0 5 %c\n${free}${catalog}${rest}`,
      `xref\n0  5\n${free}${catalog}${rest}`,
      `xref\n0 5\n${free}${catalog}${rest}5 0\n`,
      `xref\n99999999999 0\n0 5\n${free}${catalog}${rest}`,
      `xref\n1 4\n${catalog}${rest}`,
    ])
      isRefused(withTable(written), 'PADES_XREF_BROKEN')
  })

  it('leads to the objects that it names, also to those that nothing refers to', () => {
    isRefused(withTable(`xref\n0 5\n${catalog}${catalog}${rest}`), 'PADES_XREF_BROKEN')
    isRefused(withTable(`xref\n0 6\n${free}${catalog}${rest}${catalog}`), 'PADES_XREF_BROKEN')
  })
})

describe('the page tree of an uploaded document', () => {
  const resources = `/MediaBox [0 0 595 842] /Resources << /Font << /F1 ${helvetica} >> >>`
  const tree = ({ count = 2, inner = 1, parent = '2 0 R', top = '' }) =>
    rawPdf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      `<< /Type /Pages /Kids [3 0 R 5 0 R] /Count ${count} ${resources} ${top} >>`,
      `<< /Type /Pages /Parent ${parent} /Kids [4 0 R] /Count ${inner} >>`,
      '<< /Type /Page /Parent 3 0 R /Contents 6 0 R >>',
      '<< /Type /Page /Parent 2 0 R >>',
      { dictionary: '', content },
    ])

  it('counts its pages', () => {
    isSealable(tree({}))
    for (const wrong of [{ count: 1 }, { count: 3 }, { inner: 0 }, { inner: -1 }, { inner: 1.5 }])
      isRefused(tree(wrong))
  })

  it('leads back the way it came', () => {
    for (const parent of ['3 0 R', '5 0 R', 'null', '(2)']) isRefused(tree({ parent }))
    isRefused(tree({ top: '/Parent 3 0 R' }))
  })

  it('has pages of the kinds that the standard names', () => {
    isSealable(page('/Annots []'))
    isSealable(page('/Annots 5 0 R', ['[]']))
    isSealable(contents('[4 0 R 5 0 R]', other))
    isSealable(contents('5 0 R', '[4 0 R 6 0 R]', other))
    for (const entries of ['/Kids /X', '/Annots /X', '/Annots 4 0 R']) isRefused(page(entries))
    isRefused(bytes(latin1(onePage(content)).replace('/Resources', '/Resourcez')))
    isRefused(contents('[4 0 R [5 0 R]]', other))
    isRefused(contents('[4 0 R 6 0 R]', other, '[5 0 R]'))
    isRefused(contents('[4 0 R 1]'))
    isRefused(contents('[4 0 R 5 0 R]', '<< >>'))
    isRefused(bytes(latin1(onePage(content)).replace('/Type /Page /', '/Type /Pagf /')))
  })

  it('has nothing from above that it names and leaves empty', () => {
    const leaf = '<< /Type /Page /Parent 3 0 R /Contents 6 0 R >>'
    const withLeaf = (entries: string) =>
      rawPdf([
        '<< /Type /Catalog /Pages 2 0 R >>',
        `<< /Type /Pages /Kids [3 0 R] /Count 1 ${resources} /Rotate 180 >>`,
        '<< /Type /Pages /Parent 2 0 R /Kids [4 0 R] /Count 1 >>',
        leaf.replace(' >>', ` ${entries} >>`),
        'null',
        { dictionary: '', content },
      ])
    isSealable(withLeaf('/Rotate 90'))
    for (const key of ['Resources', 'MediaBox', 'CropBox', 'Rotate']) isRefused(withLeaf(`/${key} 5 0 R`))
  })

  it('refers to what is there, but for what readers do without', () => {
    const more = ['(5)', '(6)']
    const withoutFive = (entries: string) => {
      const file = latin1(page(entries, more))
      const listed = file.split('xref\n')[1]!.split('\n')[6]!
      return bytes(file.replace(listed, '0000000000 00001 f ').replace('5 0 obj\n(5)\nendobj\n', ' '.repeat(19)))
    }
    isSealable(withoutFive('/Metadata 5 0 R'))
    for (const entries of ['/Rotate 5 0 R', '/MediaBox [0 0 5 0 R 842]', '/UserUnit 5 0 R'])
      isRefused(withoutFive(entries))
  })
})

describe('a form in an uploaded document', () => {
  const field = '<< /Type /Annot /Subtype /Widget /FT /Tx /T (fee) /V (999) /Rect [9 9 99 29] /AP << /N 6 0 R >> >>'
  const picture: RawObject = { dictionary: '/Type /XObject /Subtype /Form /BBox [0 0 90 20]', content: 'q Q' }
  const form = (entries: string, fields = '5 0 R') =>
    onePage(content, {
      page: '/Annots [5 0 R]',
      catalog: `/AcroForm << /Fields [${fields}] ${entries} >>`,
      more: [field, picture],
    })

  it('is not drawn anew by readers', () => {
    isSealable(form(''))
    isSealable(form('/NeedAppearances false'))
    isSealable(form('/NeedAppearances true', ''))
    isRefused(form('/NeedAppearances true'), 'PADES_FORM_DYNAMIC')
  })
})

describe('a stream of an uploaded document', () => {
  it('has filters that exist', () => {
    for (const filter of ['/Foo', '[/Foo]', '[/ASCIIHexDecode /Foo]', '/DCT', '(FlateDecode)', '/Crypt'])
      isRefused(
        contents('[4 0 R 5 0 R]', { dictionary: `/Filter ${filter}`, content: other.content }),
        'PADES_FILTER_UNSUPPORTED',
      )
  })
})
