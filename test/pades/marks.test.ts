import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectPdf, type SealMark, type SealOptions, straddleMarks } from '../../pades/write/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { isAccepted, makePdf, makeSealer, onlySignature, sealOptions } from './documents.ts'
import { onePage, rawPdf } from './raw-pdf.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-marks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let sealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
})

/** A red square that fills its box: what it covers is what was asked for. */
const square = { content: new TextEncoder().encode('1 0 0 rg 0 0 100 100 re f'), bbox: [0, 0, 100, 100] } as const

function marked(pdf: Uint8Array, marks: readonly SealMark[], changed: Partial<SealOptions> = {}): Uint8Array {
  const { place: _, ...options } = sealOptions
  return sealer.seal(pdf, { ...options, appearance: square, marks, ...changed, place: undefined as never })
}

const mark = (x: number, y: number, page = 0): SealMark => ({ page, x, y, width: 100, height: 50 })

/** The box of everything red on a page as shown, in points from the lower left corner; null without any. */
function redBox(pdf: Uint8Array, page = 1, tool: 'mutool' | 'pdftoppm' = 'mutool'): number[] | null {
  const [file, out] = [join(folder, 'in.pdf'), join(folder, 'out')]
  writeFileSync(file, pdf)
  if (tool === 'mutool') run('mutool', ['draw', '-q', '-r', '72', '-o', `${out}.ppm`, file, String(page)])
  else run('pdftoppm', ['-cropbox', '-r', '72', '-singlefile', '-f', String(page), file, out])
  const { width, height, data } = readPpm(readFileSync(`${out}.ppm`))
  const box = [width, height, -1, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3
      if (data[at]! < 200 || data[at + 1]! > 60 || data[at + 2]! > 60) continue
      box[0] = Math.min(box[0]!, x)
      box[1] = Math.min(box[1]!, y)
      box[2] = Math.max(box[2]!, x + 1)
      box[3] = Math.max(box[3]!, y + 1)
    }
  }
  return box[2]! < 0 ? null : [box[0]!, height - box[3]!, box[2]!, height - box[1]!]
}

/** A picture of 8 bits a component (P6). */
function readPpm(bytes: Buffer): { width: number; height: number; data: Uint8Array } {
  const head = /^P6\s+(?:#.*\n)*(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 200).toString('latin1'))!
  return { width: Number(head[1]), height: Number(head[2]), data: bytes.subarray(head[0].length) }
}

function expectNear(box: number[] | null, wanted: readonly number[]): void {
  expect(box).not.toBeNull()
  for (const [index, edge] of box!.entries()) expect(Math.abs(edge - wanted[index]!)).toBeLessThanOrEqual(1.5)
}

const text = 'BT /F1 12 Tf 72 720 Td (text) Tj ET'
const shapes: Readonly<Record<string, Uint8Array>> = {
  'a plain page': onePage(text),
  'a page turned by 90 degrees': onePage(text, { page: '/Rotate 90' }),
  'a page turned by 180 degrees': onePage(text, { page: '/Rotate 180' }),
  'a page turned by -90 degrees': onePage(text, { page: '/Rotate -90' }),
  'a page cut to a part of itself': onePage(text, { page: '/CropBox [100 200 500 700]' }),
  'a page cut and turned': onePage(text, { page: '/CropBox [100 200 500 700] /Rotate 270' }),
  'a page whose corner is not the origin': onePage(text, { page: '/MediaBox [-200 -300 300 400]' }),
  'a page with its corners exchanged': onePage(text, { page: '/MediaBox [595 842 0 0]' }),
  'a page without content': onePage('', { contents: 'null' }),
  'content in pieces': onePage('q 2 0 0 2 0 0 cm', {
    contents: '[4 0 R 5 0 R]',
    more: [{ dictionary: '', content: text }],
  }),
  'content in an array of its own': onePage(text, { contents: '5 0 R', more: ['[4 0 R 4 0 R]'] }),
  'content that leaves states open': onePage(`q q 3 0 0 3 50 50 cm 0 0 10 10 re W n ${text}`),
  'content that leaves a text open': onePage('BT /F1 12 Tf 4 0 0 4 9 9 Tm (text) Tj'),
  'content that leaves a path open': onePage('10 10 m 200 200 l'),
  'content that leaves a hidden layer open': onePage(`/OC /L BDC ${text}`, {
    catalog: '/OCProperties << /OCGs [5 0 R] /D << /OFF [5 0 R] >> >>',
    page: '/Resources << /Properties << /L 5 0 R >> >>',
    more: ['<< /Type /OCG /Name (L) >>'],
  }),
  'content that ends in a comment': onePage(`${text} % to the end`),
  'content with an inline image': onePage(
    `q 10 0 0 10 0 0 cm BI /W 2 /H 2 /CS /RGB /BPC 8 ID ${' EI Q q EI '.slice(0, 12)} EI Q ${text}`,
  ),
  'content with a packed inline image': onePage(`BI /W 4 /H 1 /CS /G /BPC 8 /F /AHx ID 00 ff 00 ff> EI ${text}`),
  'content packed twice': onePage('', {
    contents: '5 0 R',
    more: [
      {
        dictionary: '/Filter [/ASCIIHexDecode /RunLengthDecode]',
        content: `${Buffer.from(`\x22${text}\x80`, 'latin1').toString('hex')}>`,
      },
    ],
  }),
  'a page whose resources know the name': onePage('/Zhengyin Do', {
    page: '/Resources << /XObject << /Zhengyin 5 0 R >> >>',
    more: [{ dictionary: '/Type /XObject /Subtype /Form /BBox [0 0 9 9]', content: '0 0 9 9 re f' }],
  }),
}

const hasTools = !isMissing('mutool', 'pdftoppm')

describe('prepareSeal with marks', () => {
  for (const [name, pdf] of Object.entries(shapes)) {
    it.skipIf(!hasTools)(`shows each mark upright where it was asked for: ${name}`, async () => {
      const [{ width, height }] = inspectPdf(pdf).pages as [{ width: number; height: number }]
      const last = { ...mark(width - 100, height - 50) }
      const sealed = marked(pdf, [mark(30, 40), last])
      expect(Buffer.compare(sealed.subarray(0, pdf.length), pdf)).toBe(0)
      expect(await isAccepted(sealed)).toBe(true)
      expect(onlySignature(sealed)).toMatchObject({ coversWholeFile: true, docMdp: 1, page: 0 })
      for (const tool of ['mutool', 'pdftoppm'] as const) expectNear(redBox(sealed, 1, tool), [30, 40, width, height])
      expectNear(redBox(marked(pdf, [mark(30, 40)])), [30, 40, 130, 90])
    })
  }

  it.skipIf(!hasTools)('heeds the unit of a page', () => {
    const pdf = onePage(text, { page: '/UserUnit 2 /MediaBox [0 0 300 400]' })
    expect(inspectPdf(pdf).pages).toEqual([{ width: 600, height: 800 }])
    expectNear(redBox(marked(pdf, [mark(30, 40)])), [30, 40, 130, 90])
    expectNear(redBox(marked(pdf, [mark(30, 40), mark(200, 300)])), [30, 40, 300, 350])
  })

  it.skipIf(!hasTools).each([0, 90, 180, 270])(
    'fills a prepared field upright on a page turned by %i degrees',
    async (turn) => {
      // Red in the lower half alone: which way is up is seen.
      const half = { content: new TextEncoder().encode('1 0 0 rg 0 0 100 50 re f'), bbox: [0, 0, 100, 100] } as const
      const pdf = onePage(text, { page: `/Rotate ${turn}` })
      const preparedFields = [{ field: 'Later', place: mark(200, 300) }]
      const first = marked(pdf, [mark(30, 40)], {
        docMdp: 2,
        preparedFields,
        appearance: { ...half, content: new Uint8Array() },
      })
      const { docMdp: _, place: _place, ...approval } = sealOptions
      const filled = sealer.sign(first, { ...approval, place: undefined as never, field: 'Later', appearance: half })
      expect(await isAccepted(filled)).toBe(true)
      expectNear(redBox(filled), [200, 300, 300, 325])
    },
  )

  it.skipIf(!hasTools)('shows only the strip of the picture that is asked for, in the field and on pages', async () => {
    const strips = [0, 1, 2].map((page): SealMark => ({ ...mark(200, 300, page), strip: [page / 4, (page + 1) / 4] }))
    const sealed = marked(await makePdf({ pages: 3 }), strips)
    for (const page of [0, 1, 2]) expectNear(redBox(sealed, page + 1), [200 + 25 * page, 300, 225 + 25 * page, 350])
  })

  it('shares one picture among all marks, and one set of resources among pages that share theirs', () => {
    const many = Array.from({ length: 40 }, (_, i) => i + 4)
    const pdf = rawPdf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      `<< /Type /Pages /Kids [${many.map((i) => `${i} 0 R`).join(' ')}] /Count 40 /MediaBox [0 0 595 842] /Resources 3 0 R >>`,
      `<< /ProcSet [${'/PDF '.repeat(4_000)}] >>`,
      ...many.map(() => '<< /Type /Page /Parent 2 0 R >>'),
    ])
    const sealed = marked(
      pdf,
      many.map((_, page) => mark(30, 40, page)),
    )
    expect(sealed.length).toBeLessThan(pdf.length * 2 + 60_000)
    expect(Buffer.from(sealed).toString('latin1').split('1 0 0 rg 0 0 100 100 re f').length).toBe(2)
  })

  it('seals documents with cross-reference streams and object streams', async () => {
    const sealed = marked(await makePdf({ pages: 3, objectStreams: true, form: true }), [mark(30, 40, 2), mark(30, 40)])
    expect(await isAccepted(sealed)).toBe(true)
    expect(onlySignature(sealed).page).toBe(2)
  })

  it.each([
    ['content that takes back what it never saved', onePage(`${text} Q`), 'PADES_PAGE_UNREADABLE'],
    ['content that cannot be read', onePage('(open'), 'PADES_PAGE_UNREADABLE'],
    [
      'content behind an unknown filter',
      onePage('', { contents: '5 0 R', more: [{ dictionary: '/Filter /JPXDecode', content: 'x' }] }),
      'PADES_PAGE_UNREADABLE',
    ],
    ['an inline image without end', onePage('BI /W 9 /H 9 /CS /RGB /BPC 8 ID x EI'), 'PADES_PAGE_UNREADABLE'],
    ['a page without size', onePage(text, { page: '/MediaBox [0 0 0 0]' }), 'PADES_PAGE_UNREADABLE'],
    ['a page turned by 45 degrees', onePage(text, { page: '/Rotate 45' }), 'PADES_PAGE_UNREADABLE'],
    [
      'a form laid out by a program',
      onePage(text, { catalog: '/AcroForm << /Fields [] /XFA (x) >>' }),
      'PADES_FORM_DYNAMIC',
    ],
    [
      'JavaScript on opening',
      onePage(text, { catalog: '/OpenAction << /S /JavaScript /JS (x) >>' }),
      'PADES_ACTIVE_CONTENT',
    ],
    [
      'JavaScript behind a link',
      onePage(text, {
        page: '/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 5 0 R >>]',
        more: ['<< /S /JavaScript /JS (x) >>'],
      }),
      'PADES_ACTIVE_CONTENT',
    ],
    ...['/K 0', '/K []', '/K null', '/Type /StructElem /K 0'].map((further): [string, Uint8Array, string] => [
      `JavaScript that says ${further} besides`,
      onePage(text, { catalog: `/OpenAction << /S /JavaScript /JS (x) ${further} >>` }),
      'PADES_ACTIVE_CONTENT',
    ]),
    [
      'a program to be started as the page is opened',
      onePage(text, { page: '/AA << /O << /S /Launch /F (calc.exe) /K 0 >> >>' }),
      'PADES_ACTIVE_CONTENT',
    ],
    [
      'a script of three-dimensional artwork',
      onePage(text, {
        page: '/PieceInfo << /X 5 0 R >>',
        more: ['<< /Type /3D /Subtype /U3D /OnInstantiate 4 0 R >>'],
      }),
      'PADES_ACTIVE_CONTENT',
    ],
    ...['Movie', 'Screen', 'Sound', '3D', 'RichMedia'].map((kind): [string, Uint8Array, string] => [
      `what is played on the page (${kind})`,
      onePage(text, { page: `/Annots [<< /Type /Annot /Subtype /${kind} /Rect [0 0 9 9] >>]` }),
      'PADES_ACTIVE_CONTENT',
    ]),
    [
      'a page of another file',
      onePage(text, {
        page: '/PieceInfo << /X 5 0 R >>',
        more: ['<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Ref << /F (b.pdf) /Page 0 >> >>'],
      }),
      'PADES_ACTIVE_CONTENT',
    ],
    [
      'a layer that an action switches',
      onePage(text, { page: '/AA << /O << /S /SetOCGState /State [/ON] >> >>' }),
      'PADES_ACTIVE_CONTENT',
    ],
  ])('refuses %s', (_name, pdf, code) => {
    throwsWithCode(() => marked(pdf, [mark(30, 40), mark(200, 200)]), code)
  })

  it('refuses a file that does not begin as a PDF does, and rights by a signature in no field', () => {
    const headless = onePage(text)
    headless.set([0x25, 0x50, 0x44, 0x46, 0x2d, 0x78, 0x2e, 0x78])
    throwsWithCode(() => inspectPdf(headless), 'PADES_NOT_A_PDF')
    const extended = onePage(text, {
      catalog: '/Perms << /UR3 5 0 R >>',
      more: ['<< /Type /Sig /Filter /Adobe.PPKLite >>'],
    })
    throwsWithCode(() => marked(extended, [mark(30, 40)]), 'PADES_CHANGES_NOT_PERMITTED')
  })

  it('takes a document that only opens at a page', async () => {
    const pdf = onePage(text, { catalog: '/OpenAction [3 0 R /Fit]' })
    expect(await isAccepted(marked(pdf, [mark(30, 40)]))).toBe(true)
  })

  it('refuses places that are none', async () => {
    const pdf = await makePdf()
    for (const bad of [
      mark(-5, 40),
      mark(590, 40),
      mark(Number.NaN, 1),
      { ...mark(1, 1), width: 0 },
      { ...mark(9, 9), strip: [0.5, 0.5] as const },
    ])
      throwsWithCode(() => marked(pdf, [bad]), 'PADES_PLACEMENT_INVALID')
    throwsWithCode(() => marked(pdf, [mark(9, 9, 7)]), 'PADES_PAGE_NOT_FOUND')
    throwsWithCode(() => marked(pdf, []), 'PADES_PLACEMENT_INVALID')
    throwsWithCode(
      () =>
        marked(
          pdf,
          Array.from({ length: 2_001 }, () => mark(9, 9)),
        ),
      'PADES_PLACEMENT_INVALID',
    )
  })

  it('puts no marks on the pages of a signed document, but a field where that is permitted', async () => {
    const pdf = await makePdf({ pages: 2 })
    const signed = sealer.sign(pdf)
    const { docMdp: _, place: _place, ...approval } = sealOptions
    const place = undefined as never
    const two = { ...approval, place, field: 'Two', marks: [mark(30, 40), mark(30, 40, 1)] }
    throwsWithCode(() => sealer.sign(signed, two), 'PADES_MARKS_AFTER_SIGNATURE')
    const twice = sealer.sign(signed, { ...two, marks: [mark(30, 40, 1)] })
    expect(await isAccepted(twice)).toBe(true)
    throwsWithCode(
      () => sealer.sign(sealer.seal(pdf), { field: 'Two', marks: [mark(30, 40)] }),
      'PADES_CHANGES_NOT_PERMITTED',
    )
  })

  it.skipIf(isMissing('qpdf', 'pdfsig'))('makes what other tools find sound', () => {
    for (const pdf of Object.values(shapes)) {
      const file = join(folder, 'check.pdf')
      writeFileSync(file, marked(pdf, [mark(30, 40), mark(60, 60)]))
      const check = run('qpdf', ['--check', file])
      expect(check.stdout).toContain('No syntax or stream encoding errors')
      expect(run('pdfsig', ['-nocert', file]).stdout).toContain('Signature is Valid')
    }
  })

  it('never throws anything but its own refusals for any byte changed (property)', () => {
    const pdf = shapes['content in pieces']!
    fc.assert(
      fc.property(fc.nat(pdf.length - 1), fc.nat(255), (at, byte) => {
        const changed = pdf.slice()
        changed[at] = byte
        try {
          marked(changed, [mark(30, 40), mark(60, 60)])
        } catch (error) {
          expect(error).toMatchObject({ name: 'PadesError' })
        }
      }),
      { numRuns: 400 },
    )
  })
})

describe('straddleMarks', () => {
  const pages = (count: number) => Array.from({ length: count }, () => ({ width: 595, height: 842 }))
  const seal = { from: 0, width: 120, height: 120 } as const

  it('gives each page of a range one slice, which together are the whole picture once for each group (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 120 }),
        fc.integer({ min: 2, max: 20 }),
        fc.boolean(),
        (count, mostPages, isLeft) => {
          const edge = isLeft ? 'left' : 'right'
          const marks = straddleMarks(pages(count), { ...seal, edge, to: count - 1, mostPages })
          expect(marks.map(({ page }) => page)).toEqual(Array.from({ length: count }, (_, page) => page))
          const widths = marks.map(({ strip }) => strip![1] - strip![0])
          expect(Math.min(...widths)).toBeGreaterThanOrEqual(1 / (mostPages + 1) - 1e-9)
          for (const { x, strip } of marks) {
            const shown = [x + 120 * strip![0], x + 120 * strip![1]]
            expect(isLeft ? shown[0] : shown[1]).toBeCloseTo(isLeft ? 0 : 595)
          }
          const whole = widths.reduce((sum, width) => sum + width, 0)
          expect(whole).toBeCloseTo(Math.round(whole))
        },
      ),
    )
  })

  it('shows the left part of the picture first at the right edge, and last at the left one', () => {
    const first = (edge: 'left' | 'right') => straddleMarks(pages(4), { ...seal, edge, to: 3 })[0]!.strip
    expect(first('right')).toEqual([0, 0.25])
    expect(first('left')).toEqual([0.75, 1])
  })

  it('leaves each slice 4 mm unless told otherwise, and stands in the middle unless told where', () => {
    const marks = straddleMarks(pages(25), { ...seal, edge: 'right', to: 24 })
    expect(Math.min(...marks.map(({ strip }) => (strip![1] - strip![0]) * 120))).toBeGreaterThan(11)
    expect(marks[0]!.y + 60).toBe(421)
    expect(straddleMarks(pages(2), { ...seal, edge: 'right', to: 1, y: 100 })[0]!.y).toBe(40)
  })

  it('refuses one page alone and pages that there are not', () => {
    throwsWithCode(() => straddleMarks(pages(3), { ...seal, edge: 'right', from: 1, to: 1 }), 'PADES_PLACEMENT_INVALID')
    throwsWithCode(() => straddleMarks(pages(3), { ...seal, edge: 'right', to: 3 }), 'PADES_PAGE_NOT_FOUND')
  })
})
