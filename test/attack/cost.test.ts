import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { inspectPdf, PadesError } from '../../pades/write/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'

// Small files that ask for much: many places share one large thing, so that each step is cheap and their sum is not.

const BUDGET_MS = 10_000

/** A PDF with these objects, the first of them the catalog, and after it an update with those of `later` by number. */
function pdfOf(bodies: readonly string[], later: ReadonlyMap<number, string> = new Map()): string {
  let text = '%PDF-1.7\n'
  const write = (objects: Iterable<readonly [number, string]>, previous: number | null): void => {
    const runs: string[] = []
    for (const [number, body] of objects) {
      runs.push(`${number} 1\n${String(text.length).padStart(10, '0')} 00000 n \n`)
      text += `${number} 0 obj\n${body}\nendobj\n`
    }
    const at = text.length
    const chain = previous === null ? '' : `/Prev ${previous} `
    text += `xref\n${runs.join('')}trailer\n<< /Size 9999 /Root 1 0 R ${chain}>>\nstartxref\n${at}\n%%EOF\n`
  }
  write(
    bodies.map((body, index) => [index + 1, body] as const),
    null,
  )
  if (later.size > 0) write(later, Number(/startxref\n(\d+)/.exec(text)![1]))
  return text
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** Writes the byte range around /Contents of the first revision; the digits have their room already. */
function withRange(text: string): string {
  const [from, to] = [text.indexOf('<3003'), text.indexOf('>', text.indexOf('<3003')) + 1]
  const end = text.indexOf('%%EOF\n') + 6
  const digits = [0, from, to, end - to].map((number) => String(number).padStart(9, '0'))
  return text.replace('000000000 000000000 000000000 000000000', digits.join(' '))
}

const catalog = (extra = '') => `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> ${extra}>>`
const pages = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'
const page = '<< /Type /Page /Parent 2 0 R >>'
const signature = (extra = '') =>
  '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [000000000 000000000 000000000 000000000] ' +
  `/Contents <3003020100${'00'.repeat(20)}> ${extra}>>`
const fields = (count: number, name: string) => [
  `<< /T (${name}) /FT /Sig /V 5 0 R /Kids [${Array.from({ length: count }, (_, i) => `${7 + i} 0 R`).join(' ')}] >>`,
]
const kids = (count: number) => Array.from({ length: count }, (_, i) => `<< /T (k${i}) >>`)
const filled = (length: number) => `<< /Length ${length} >>\nstream\n${'A'.repeat(length)}\nendstream`

const costly: Readonly<Record<string, () => string>> = {
  'nine hundred fields below one name of a megabyte': () =>
    pdfOf([catalog(), pages, page, ...fields(900, 'A'.repeat(1 << 20)), signature(), 'null', ...kids(900)]),
  'nine hundred signatures whose reason is one text of a megabyte': () => {
    const texts = signature('/Name 6 0 R /Reason 6 0 R /Location 6 0 R /M 6 0 R ')
    return pdfOf([catalog(), pages, page, ...fields(900, 'r'), texts, `(${'A'.repeat(1 << 20)})`, ...kids(900)])
  },
  'two hundred signatures over twenty megabytes each': () =>
    withRange(pdfOf([catalog(), pages, page, ...fields(200, 'r'), signature(), filled(20 << 20), ...kids(200)])),
  'a name of thirty megabytes': () => pdfOf([catalog(`/${'A'.repeat(30 << 20)} 1 `), pages, page, 'null']),
  'a name of thirty megabytes with an escape': () =>
    pdfOf([catalog(`/X /#41${'A'.repeat(30 << 20)} `), pages, page, 'null']),
}

/** A field that is signed, on the first page. */
const signed = '<< /Type /Annot /Subtype /Widget /FT /Sig /T (s) /Rect [0 0 0 0] /V 5 0 R /P 3 0 R >>'
const many = (count: number, each: string) => `[${each.repeat(count)}]`

/** A zlib stream of many blocks, each with tables of its own and nothing in it. */
function blocksOfNothing(blocks: number): string {
  const bits: number[] = []
  const put = (value: number, count: number) => {
    for (let i = 0; i < count; i++) bits.push((value >> i) & 1)
  }
  for (let block = 1; block <= blocks; block++) {
    put(block === blocks ? 1 : 0, 1)
    put(2, 2)
    put(0, 5)
    put(0, 5)
    put(17 - 4, 4)
    // Lengths of codes: one bit for 18 (a run of zeros) and for 14, the length of the only two codes.
    for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14])
      put(symbol === 18 || symbol === 14 ? 1 : 0, 3)
    for (const run of [138, 118]) {
      put(1, 1)
      put(run - 11, 7)
    }
    put(0, 2)
    put(0, 14)
  }
  const raw = Buffer.alloc(Math.ceil(bits.length / 8))
  for (const [at, bit] of bits.entries()) if (bit) raw[at >> 3]! |= 1 << (at & 7)
  return Buffer.concat([Buffer.from([0x78, 0x9c]), raw, Buffer.from([0, 0, 0, 1])]).toString('latin1')
}

const packed = (text: string) => `<< /Filter /FlateDecode /Length ${text.length} >>\nstream\n${text}\nendstream`
const manyPages = (count: number, entries: string) => ({
  tree: `<< /Type /Pages /Kids [${Array.from({ length: count }, (_, i) => `${100 + i} 0 R`).join(' ')}] /Count ${count} >>`,
  pages: Array.from({ length: count }, () => `<< /Type /Page /Parent 2 0 R ${entries} >>`),
})
const upTo100 = (bodies: readonly string[]) => [...bodies, ...Array.from({ length: 99 - bodies.length }, () => 'null')]

const shared: Readonly<Record<string, () => string>> = {
  'a thousand pages that share one list of annotations, compared after an update': () => {
    const { tree, pages: kids } = manyPages(1000, '/Annots 6 0 R')
    const bodies = upTo100([catalog(), tree, page, signed, signature(), many(130_000, '4 0 R ')])
    return withRange(pdfOf([...bodies, ...kids], new Map([[7, '1']])))
  },
  'fields without a page, looked for on nine thousand that share one list': () => {
    const { tree, pages: kids } = manyPages(9000, '/Annots 6 0 R')
    const bodies = upTo100([catalog(), tree, 'null', ...fields(20, 'r'), signature(), many(260_000, '0 '), ...kids20()])
    return withRange(pdfOf([...bodies, ...kids]))
  },
  'a thousand fields that share one list of a hundred thousand kids': () => {
    const all = Array.from({ length: 1000 }, (_, i) => `${100 + i} 0 R`).join(' ')
    const bodies = upTo100([`<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R ${all}] >> >>`, pages, page])
    bodies.splice(3, 4, signed, signature(), many(100_000, '7 0 R '), '<< >>')
    const sharing = Array.from({ length: 1000 }, (_, i) => `<< /FT /Sig /T (f${i}) /Kids 6 0 R >>`)
    return withRange(pdfOf([...bodies, ...sharing]))
  },
  'thousands of fonts that an update adds to a form, and tens of thousands of objects': () => {
    const fonts = Array.from({ length: 4000 }, (_, i) => `/F${i} 8 0 R`).join(' ')
    const root = (added: string) =>
      `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /DR << /Font << /Helv 7 0 R ${added} >> >> >> /X 6 0 R >>`
    const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'
    const list = `[${Array.from({ length: 40_000 }, (_, i) => `${100 + i} 0 R`).join(' ')}]`
    const bodies = upTo100([root(''), pages, page, signed, signature(), list, font])
    const rest = Array.from({ length: 40_000 }, () => '<< >>')
    return withRange(
      pdfOf(
        [...bodies, ...rest],
        new Map([
          [1, root(fonts)],
          [8, font],
        ]),
      ),
    )
  },
  'hundreds of objects that nothing uses, free in nine hundred updates before': () => {
    const first = 1000
    let text = withRange(pdfOf([catalog(), pages, page, signed, signature()]))
    let last = Number(/startxref\n(\d+)/.exec(text)![1])
    const append = (entries: string) => {
      const at = text.length
      text += `xref\n${entries}trailer\n<< /Size 9999 /Root 1 0 R /Prev ${last} >>\nstartxref\n${at}\n%%EOF\n`
      last = at
    }
    for (let i = 0; i < 900; i++) append(`${first} 300\n${'0000000000 00000 f \n'.repeat(300)}`)
    const places = Array.from({ length: 300 }, (_, i) => {
      const at = text.length
      text += `${first + i} 0 obj\n1\nendobj\n`
      return `${String(at).padStart(10, '0')} 00000 n \n`
    })
    append(`${first} 300\n${places.join('')}`)
    return text
  },
  'three hundred files that are one stream of nothing': () => {
    const files = many(300, '<</F(a)/EF<</F 7 0 R>>>>')
    const bodies = [catalog('/AF 6 0 R '), pages, page, signed, signature(), files, packed(blocksOfNothing(6000))]
    return withRange(pdfOf(bodies))
  },
  'one stream that is the content of a page a hundred thousand times': () => {
    const paged = '<< /Type /Page /Parent 2 0 R /Contents 6 0 R >>'
    return withRange(pdfOf([catalog(), pages, paged, signed, signature(), many(131_000, '7 0 R '), filled(1 << 20)]))
  },
  'more locks than a function takes arguments': () => {
    const lock = '<< /TransformMethod /FieldMDP /TransformParams << /Action /All >> >>'
    const bodies = [catalog(), pages, page, signed, signature('/Reference 6 0 R '), many(131_000, '7 0 R '), lock]
    return withRange(pdfOf(bodies, new Map([[8, '1']])))
  },
  'hundreds of large lists that differ at their end, named by several dictionaries': () => {
    const lists = `[${Array.from({ length: 500 }, (_, i) => `${100 + i} 0 R`).join(' ')}]`
    const vri = Array.from({ length: 5 }, (_, i) => `/K${i} << /CRL 6 0 R >>`).join(' ')
    const bodies = upTo100([
      ...[catalog(`/DSS << /CRLs 6 0 R /VRI << ${vri} >> >> `), pages, page, signed, signature(), lists],
    ])
    const large = (i: number) => deflateSync(`${'A'.repeat(16_384)}${String(i).padStart(4, '0')}`).toString('latin1')
    return withRange(pdfOf([...bodies, ...Array.from({ length: 500 }, (_, i) => packed(large(i)))]))
  },
}
const kids20 = () =>
  Array.from({ length: 20 }, (_, i) => `<< /Type /Annot /Subtype /Widget /T (${i}) /Rect [0 0 0 0] >>`)

describe('a document made to cost', () => {
  it.each(Object.entries(shared))(
    'by %s is answered soon, by the reader, the verifier and who is to seal it',
    async (_, make) => {
      const bytes = bytesOf(make())
      const started = performance.now()
      readSignedPdf(bytes)
      const report = await verifyDocument({ name: 'a.pdf', bytes }, NO_EVIDENCE, { trustAnchors: [] }, new Date(0))
      expect(report.verdict).not.toBe('accepted')
      try {
        inspectPdf(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(PadesError)
      }
      expect(performance.now() - started).toBeLessThan(BUDGET_MS)
    },
  )

  it('by a field a hundred thousand times over twenty thousand texts is refused at a limit when it is to be sealed', () => {
    const { tree, pages: kids } = manyPages(50, '/Contents 6 0 R /Annots 7 0 R')
    const text = '<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [100 100 101 101] >>'
    const lines = '()Tj '.repeat(20_000)
    const content = `<< /Length ${lines.length} >>\nstream\n${lines}\nendstream`
    const bytes = bytesOf(
      pdfOf([...upTo100([catalog(), tree, page, text, 'null', content, many(130_000, '4 0 R ')]), ...kids]),
    )
    const started = performance.now()
    try {
      inspectPdf(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(PadesError)
    }
    expect(performance.now() - started).toBeLessThan(BUDGET_MS)
  })

  it.each(Object.entries(costly))('by %s is refused at a limit', async (_, make) => {
    const bytes = bytesOf(make())
    const started = performance.now()
    expect(readSignedPdf(bytes)).toMatchObject({ ok: false, code: 'PADES_LIMIT_EXCEEDED' })
    const report = await verifyDocument({ name: 'a.pdf', bytes }, NO_EVIDENCE, { trustAnchors: [] }, new Date(0))
    expect(report.verdict).toBe('refused')
    expect(JSON.stringify(report).length).toBeLessThan(10_000)
    expect(performance.now() - started).toBeLessThan(BUDGET_MS)
  })

  it('by a list of a hundred thousand fields, compared after an update, is answered soon', () => {
    const list = `[4 0 R ${'null '.repeat(100_000)}]`
    const root = `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields ${list} >> >>`
    const field = '<< /T (r) /FT /Sig /V 5 0 R >>'
    const text = withRange(pdfOf([root, pages, page, field, signature(), 'null'], new Map([[1, root]])))
    const started = performance.now()
    const pdf = readSignedPdf(bytesOf(text))
    expect(pdf.ok && pdf.signatures[0]?.byteRange).toBe('ok')
    expect(performance.now() - started).toBeLessThan(BUDGET_MS)
  })

  it('by evidence that names the middle of thousands of bookmarks, and thousands of new objects, is answered soon', () => {
    const [bookmarks, added] = [6_000, 60_000]
    const bookmark = (i: number) =>
      `<< /Title (x) ${i + 1 < bookmarks ? `/Next ${8 + i} 0 R ` : ''}${i > 0 ? `/Prev ${6 + i} 0 R ` : ''}>>`
    const outlines = `<< /Type /Outlines /First 7 0 R /Last ${6 + bookmarks} 0 R >>`
    const list = Array.from({ length: bookmarks }, (_, i) => bookmark(i))
    const bodies = [catalog('/Outlines 6 0 R '), pages, page, ...fields(0, 'r'), signature(), outlines, ...list]
    const first = 10_000
    const named = Array.from({ length: added }, (_, i) => `${first + i} 0 R`).join(' ')
    const update = new Map([
      [1, catalog(`/Outlines 6 0 R /DSS << /A ${first - 1} 0 R >> `)],
      [first - 1, `[${7 + bookmarks / 2} 0 R ${named}]`],
      ...Array.from({ length: added }, (_, i) => [first + i, '1'] as const),
    ])
    const text = withRange(pdfOf(bodies, update))
    const started = performance.now()
    const pdf = readSignedPdf(bytesOf(text))
    expect(pdf.ok && pdf.signatures[0]?.laterChanges).not.toBe('permitted')
    expect(performance.now() - started).toBeLessThan(BUDGET_MS)
  })

  it('by thousands of signatures, each compared with a large update, is stopped', () => {
    const large = `[${'1 '.repeat(500_000)}]`
    const update = new Map([[1, catalog('/X 6 0 R ')]])
    const bodies = [catalog('/X 6 0 R '), pages, page, ...fields(900, 'r'), signature(), large, ...kids(900)]
    const started = performance.now()
    const pdf = readSignedPdf(bytesOf(withRange(pdfOf(bodies, update))))
    const verdicts = pdf.ok ? pdf.signatures.map(({ laterChanges }) => laterChanges) : []
    expect(verdicts).not.toContain('permitted')
    expect(performance.now() - started).toBeLessThan(BUDGET_MS)
  })
})
