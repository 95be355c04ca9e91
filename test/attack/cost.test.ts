import { describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
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

describe('a document made to cost', () => {
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
