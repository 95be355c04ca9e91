import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { PadesError } from '../../pades/errors.ts'
import { type FoundText, findText, findTexts, type TextQuery } from '../../pades/write/index.ts'
import { compileTemplate, listTemplates, openFonts, renderLicence } from '../../templates/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { madeUpLicence } from '../templates/made-up-licence.ts'
import { helvetica, onePage, type RawObject, rawPdf } from './raw-pdf.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-find-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const find = (pdf: Uint8Array, text: string, changed: Partial<TextQuery> = {}): FoundText[] =>
  findText(pdf, { text, occurrence: 'all', ...changed })
const write = (text: string, x = 72, y = 700, size = 10): string => `BT /F1 ${size} Tf ${x} ${y} Td (${text}) Tj ET `

function expectBox({ box }: FoundText, x0: number, x1: number, y: number): void {
  expect(box[0]).toBeCloseTo(x0, 1)
  expect(box[2]).toBeCloseTo(x1, 1)
  expect(box[1]).toBeLessThanOrEqual(y)
  expect(box[3]).toBeGreaterThan(y)
}

/** Helvetica: S 667, e 556, a 556, l 222; so 20.01 for "Seal" at a size of 10. */
const SEAL = 20.01

/** A Type 0 font, number 5 with its descendant 6 and /ToUnicode 7 where there is one. */
function composite(encoding: string, toUnicode: string | null = null, descendant = ''): RawObject[] {
  return [
    `<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /${encoding} /DescendantFonts [6 0 R] ${toUnicode === null ? '' : '/ToUnicode 7 0 R'} >>`,
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> ${descendant} >>`,
    ...(toUnicode === null ? [] : [{ dictionary: '', content: toUnicode }]),
  ]
}
const useFont5 = { page: '/Resources << /Font << /F1 5 0 R >> >>' }
const map = (rows: string): string =>
  `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange ${rows} endcmap CMapName currentdict /CMap defineresource pop end end`

describe('findText', () => {
  it.each<[string, string]>([
    ['in one string', write('The Seal here', 72 - 20.01)],
    ['in pieces of one array', 'BT /F1 10 Tf 72 700 Td [(Se) 0 (al)] TJ ET'],
    ['letter by letter, out of order', `${write('al', 72 + 12.23)}${write('S')}${write('e', 72 + 6.67)}`],
    ['printed twice to make it bold', `${write('Seal')}${write('Seal', 72.3)}`],
    ['scaled by the page', '2 0 0 2 0 0 cm BT /F1 5 Tf 36 350 Td (Seal) Tj ET'],
    ['scaled by the text', 'BT /F1 1 Tf 10 0 0 10 72 700 Tm (Seal) Tj ET'],
    ['on the next line', "BT /F1 10 Tf 12 TL 72 712 Td (x) Tj (Seal) ' ET"],
  ])('finds a text and where it stands: %s', (_name, content) => {
    const [found, ...more] = find(onePage(content), 'Seal')
    expect(more).toEqual([])
    expectBox(found!, 72, 72 + SEAL, 700)
  })

  it('counts the spacing of characters and words, and horizontal scaling', () => {
    expectBox(find(onePage(`BT /F1 10 Tf 2 Tc 72 700 Td (Seal) Tj ET`), 'Seal')[0]!, 72, 72 + SEAL + 6, 700)
    expectBox(find(onePage(`BT /F1 10 Tf 200 Tz 72 700 Td (Seal) Tj ET`), 'Seal')[0]!, 72, 72 + SEAL * 2, 700)
    expectBox(
      find(onePage(`BT /F1 10 Tf 5 Tw 72 700 Td (a Seal) Tj ET`), 'Seal')[0]!,
      72 + 5.56 + 2.78 + 5,
      72 + 8.34 + 5 + SEAL,
      700,
    )
  })

  it('tells where it stands on the page as shown, turned and cut', () => {
    const content = write('Seal', 72, 700)
    const turned = find(onePage(content, { page: '/Rotate 90' }), 'Seal')[0]!
    expect(turned.box[0]).toBeGreaterThan(690)
    expect(turned.box[1]).toBeCloseTo(595 - 72 - SEAL, 1)
    expect(turned.box[3]).toBeCloseTo(595 - 72, 1)
    expectBox(find(onePage(content, { page: '/CropBox [50 600 500 800]' }), 'Seal')[0]!, 22, 22 + SEAL, 100)
  })

  it('finds text in forms, with their own matrix and resources', () => {
    const form = {
      dictionary: `/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Matrix [1 0 0 1 50 0] /Resources << /Font << /G ${helvetica} >> >>`,
      content: 'BT /G 10 Tf 22 700 Td (Seal) Tj ET',
    }
    const pdf = onePage('/X Do', { page: '/Resources << /XObject << /X 5 0 R >> >>', more: [form] })
    expectBox(find(pdf, 'Seal')[0]!, 72, 72 + SEAL, 700)
  })

  it('takes full and half width, radicals and ideographs for one, and white space for nothing', () => {
    const rows =
      '4 beginbfchar <0001> <FF08> <0002> <76D6> <0003> <7AE0> <0004> <FF09> endbfchar 1 beginbfchar <0005> <2F47> endbfchar'
    const pdf = onePage('BT /F1 10 Tf 72 700 Td <00010002> Tj 25 0 Td <000300040005> Tj ET', {
      ...useFont5,
      more: composite('Identity-H', map(rows), '/DW 1000'),
    })
    expectBox(find(pdf, '(盖 章)')[0]!, 72, 117, 700)
    expect(find(pdf, '日')).toHaveLength(1)
  })

  it('reads ranges of /ToUnicode, texts longer than one character, and /W', () => {
    const rows =
      '1 beginbfrange <0010> <0012> <0041> endbfrange 1 beginbfrange <0020> <0021> [<00660069> <4E00>] endbfrange'
    const pdf = onePage('BT /F1 10 Tf 72 700 Td <00100011001200200021> Tj ET', {
      ...useFont5,
      more: composite('Identity-H', map(rows), '/DW 1000 /W [16 [500 500] 18 18 250]'),
    })
    expectBox(find(pdf, 'ABC')[0]!, 72, 72 + 12.5, 700)
    expect(find(pdf, 'fi一')).toHaveLength(1)
  })

  it.each([
    ['UniGB-UTF16-H', '76D67AE0', 20],
    ['UniGB-UCS2-H', '76D67AE0', 20],
    ['GBK-EUC-H', 'B8C7D5C2', 20],
    ['GBK2K-H', 'B8C7D5C2', 20],
  ])('reads text by the CMap %s', (encoding, codes, width) => {
    const pdf = onePage(`BT /F1 10 Tf 72 700 Td <${codes}> Tj ET`, { ...useFont5, more: composite(encoding) })
    expectBox(find(pdf, '盖章')[0]!, 72, 72 + width, 700)
  })

  it('reads vertical text', () => {
    const pdf = onePage('BT /F1 10 Tf 72 700 Td <76D67AE0> Tj ET', { ...useFont5, more: composite('UniGB-UTF16-V') })
    const [x0, y0, x1, y1] = find(pdf, '盖章')[0]!.box
    expect([x0, y0, x1, y1]).toEqual([67, 680, 77, 700].map((edge) => expect.closeTo(edge, 1)))
  })

  it('reads names of glyphs by their differences', () => {
    const font =
      '<< /Type /Font /Subtype /Type1 /BaseFont /X /FirstChar 1 /Widths [500 500 500] /Encoding << /Differences [1 /uni76D6 /S /u07AE0] >> >>'
    const pdf = onePage('BT /F1 10 Tf 72 700 Td (\\001\\003\\002) Tj ET', { ...useFont5, more: [font] })
    expectBox(find(pdf, '盖章')[0]!, 72, 82, 700)
  })

  describe('of several', () => {
    const pdf = rawPdf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      `<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 595 842] /Resources << /Font << /F1 ${helvetica} >> >> >>`,
      '<< /Type /Page /Parent 2 0 R /Contents 5 0 R >>',
      '<< /Type /Page /Parent 2 0 R /Contents 6 0 R >>',
      { dictionary: '', content: write('Seal', 300, 100) + write('Seal', 72, 100) + write('Seal', 200, 700) },
      { dictionary: '', content: write('Seal', 72, 50) },
    ])
    const at = (occurrence: TextQuery['occurrence']) =>
      find(pdf, 'Seal', { occurrence }).map(({ page, box }) => [page, Math.round(box[0]), Math.round(box[3] / 10)])

    it('gives them in reading order: first, last, one by number, all', () => {
      expect(at('all')).toEqual([
        [0, 200, 71],
        [0, 72, 11],
        [0, 300, 11],
        [1, 72, 6],
      ])
      expect(at('first')).toEqual([[0, 200, 71]])
      expect(at('last')).toEqual([[1, 72, 6]])
      expect(at(3)).toEqual([[0, 300, 11]])
    })

    it('refuses a number that there is not, and pages that there are not', () => {
      throwsWithCode(() => at(5), 'PADES_TEXT_NOT_FOUND')
      expect(find(pdf, 'Seal', { pages: { from: 1, to: 1 } })).toHaveLength(1)
      throwsWithCode(() => find(pdf, 'Seal', { pages: { from: 1, to: 2 } }), 'PADES_PAGE_NOT_FOUND')
      throwsWithCode(() => find(pdf, ' '), 'PADES_TEXT_NOT_FOUND')
      throwsWithCode(() => find(pdf, 'x'.repeat(65)), 'PADES_TEXT_NOT_FOUND')
    })
  })

  it('joins no two texts that only stand side by side, nor lines', () => {
    throwsWithCode(() => find(onePage(write('Se') + write('al', 300)), 'Seal'), 'PADES_TEXT_NOT_FOUND')
    throwsWithCode(() => find(onePage(write('Se') + write('al', 84, 688)), 'Seal'), 'PADES_TEXT_NOT_FOUND')
  })

  it.each<[string, Uint8Array]>([
    ['not painted', onePage(`3 Tr ${write('Seal')}`)],
    ['off the page', onePage(write('Seal', 900))],
    [
      'on a layer that is off',
      onePage(`/OC /L BDC ${write('Seal')} EMC`, {
        catalog: '/OCProperties << /OCGs [5 0 R] /D << /OFF [5 0 R] >> >>',
        page: `/Resources << /Font << /F1 ${helvetica} >> /Properties << /L 5 0 R >> >>`,
        more: ['<< /Type /OCG /Name (L) >>'],
      }),
    ],
  ])('does not find text that is %s, and says so', (_name, pdf) => {
    expect(() => find(pdf, 'Seal')).toThrow(/only in text that is not shown/)
    expect(find(onePage(`0 Tr ${write('Seal')}`), 'Seal')).toHaveLength(1)
  })

  describe('with a font that does not say what its glyphs mean', () => {
    const mute = (content: string) =>
      onePage(content, {
        page: `/Resources << /Font << /F1 ${helvetica} /M 5 0 R >> >>`,
        more: composite('Identity-H'),
      })
    const unknown = (count: number, y: number): string => `BT /M 10 Tf 72 ${y} Td <${'0001'.repeat(count)}> Tj ET `

    it('refuses where the text could be written in it', () => {
      throwsWithCode(() => find(mute(unknown(4, 500)), 'Seal'), 'PADES_TEXT_UNCERTAIN')
      throwsWithCode(() => find(mute(write('Seal') + unknown(4, 500)), 'Seal'), 'PADES_TEXT_UNCERTAIN')
      throwsWithCode(
        () => find(mute(write('Seal', 72, 400) + unknown(4, 500)), 'Seal', { occurrence: 'first' }),
        'PADES_TEXT_UNCERTAIN',
      )
    })

    it('answers where that makes no difference: a mark before a line, doubt behind what is asked for', () => {
      expect(find(mute(unknown(1, 700) + write('Seal', 90)), 'Seal')).toHaveLength(1)
      expect(find(mute(write('Seal') + unknown(4, 500)), 'Seal', { occurrence: 'first' })).toHaveLength(1)
    })
  })

  it('refuses content that cannot be read for certain', () => {
    throwsWithCode(() => find(onePage(`${write('Seal')} (open`), 'Seal'), 'PADES_PAGE_UNREADABLE')
    throwsWithCode(() => find(onePage('BI /W 9 /H 9 /CS /RGB /BPC 8 ID x EI'), 'Seal'), 'PADES_PAGE_UNREADABLE')
  })

  describe('hostile content', () => {
    const form = (number: number, names: string): RawObject => ({
      dictionary: `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X ${number} 0 R >> >>`,
      content: names,
    })
    const hostile: Readonly<Record<string, Uint8Array>> = {
      'a form that draws itself': onePage('/X Do', {
        page: '/Resources << /XObject << /X 5 0 R >> >>',
        more: [form(5, '/X Do /X Do')],
      }),
      'forms that double with each step': onePage('/X Do /X Do', {
        page: '/Resources << /XObject << /X 5 0 R >> >>',
        more: Array.from({ length: 11 }, (_, i) => form(i + 6, '/X Do '.repeat(40))),
      }),
      'a map of everything to everything': onePage('BT /F1 10 Tf <00000001> Tj ET', {
        ...useFont5,
        more: composite('Identity-H', map('1 beginbfrange <0000> <FFFF> <0041> endbfrange '.repeat(40_000))),
      }),
      'widths without end': onePage('BT /F1 10 Tf <00000001> Tj ET', {
        ...useFont5,
        more: composite('Identity-H', null, `/W [${'0 65535 1000 '.repeat(20_000)}]`),
      }),
      'a million glyphs': onePage(`BT /F1 1 Tf ${`(${'x'.repeat(1_000)}) Tj `.repeat(1_000)} ET`),
      'states saved without end': onePage('q '.repeat(100_000)),
      'marked content without end': onePage('/A BMC '.repeat(100_000)),
      'numbers that are none': onePage(`BT /F1 1e9 Tf ${write('x')}`),
      'a text of infinite size': onePage(`${'99999999 0 0 99999999 0 0 cm '.repeat(60)}${write('Seal')}`),
    }
    for (const [name, pdf] of Object.entries(hostile)) {
      it(`is refused or answered in bounded time: ${name}`, () => {
        // Time of this thread's process, not of a machine that others use too.
        const start = process.cpuUsage()
        expect(() => find(pdf, 'Seal')).toThrow(PadesError)
        expect(process.cpuUsage(start).user / 1000).toBeLessThan(4_000)
      })
    }
  })

  it('never throws anything but its own refusals for any byte changed (property)', () => {
    const pdf = onePage(`${write('Seal')} BT /F2 9 Tf <00010002> Tj ET /OC /L BDC EMC`, {
      page: `/Resources << /Font << /F1 ${helvetica} /F2 5 0 R >> >>`,
      more: composite('Identity-H', map('1 beginbfrange <0001> <0002> <0041> endbfrange'), '/W [1 [500]]'),
    })
    fc.assert(
      fc.property(fc.nat(pdf.length - 1), fc.nat(255), (at, byte) => {
        const changed = pdf.slice()
        changed[at] = byte
        try {
          find(changed, 'Seal')
        } catch (error) {
          expect(error).toBeInstanceOf(PadesError)
        }
      }),
      { numRuns: 600 },
    )
  })

  it.skipIf(isMissing('pdftotext'))('finds what poppler finds, where poppler finds it, on licences', async () => {
    const fonts = await openFonts()
    for (const definition of listTemplates().slice(0, 4)) {
      const compiled = compileTemplate(definition, fonts)
      const { pdf } = renderLicence(compiled, madeUpLicence(compiled))
      const file = join(folder, 'licence.pdf')
      writeFileSync(file, pdf)
      const words = readWords(run('pdftotext', ['-bbox', file, '-']).stdout)
      const chosen = words.filter(({ text }) => [...text].length >= 3 && [...text].length <= 20)
      expect(chosen.length).toBeGreaterThan(3)
      for (const { page, text, box } of chosen.slice(0, 8)) {
        const found = find(pdf, text, { pages: { from: page, to: page } })
        const isThere = found.some((one) => Math.abs(one.box[0] - box[0]!) < 2 && Math.abs(one.box[2] - box[2]!) < 2)
        expect(isThere, text).toBe(true)
      }
    }
  })
})

describe('findTexts', () => {
  const pageOf = (number: number) => `<< /Type /Page /Parent 2 0 R /Contents ${number} 0 R >>`
  const pagesWith = (...contents: string[]): Uint8Array =>
    rawPdf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      `<< /Type /Pages /Kids [${contents.map((_, page) => `${page + 3} 0 R`).join(' ')}] /Count ${contents.length} /MediaBox [0 0 595 842] /Resources << /Font << /F1 ${helvetica} >> >> >>`,
      ...contents.map((_, page) => pageOf(page + 3 + contents.length)),
      ...contents.map((content) => ({ dictionary: '', content })),
    ])
  const codesOf = (pdf: Uint8Array, queries: readonly TextQuery[]) =>
    findTexts(pdf, queries).map((found) => (found instanceof PadesError ? found.code : found.length))

  it('answers each text as findText answers it alone', () => {
    const pdf = pagesWith(
      write('Seal', 300, 100) + write('Seal', 72, 100) + write('Ink', 200, 700),
      `${write('Seal', 72, 50)}3 Tr ${write('Wax', 72, 500)}`,
      write('Ink', 72, 50),
    )
    const occurrences = ['first', 'last', 'all', 2, 3, 4] as const
    const ranges = [undefined, { from: 0, to: 0 }, { from: 1, to: 2 }, { from: 2, to: 3 }, { from: 1, to: 0 }]
    const queries = ['Seal', 'Ink', 'Wax', 'Brass', '', 'x'.repeat(65)].flatMap((text) =>
      occurrences.flatMap((occurrence) =>
        ranges.map((pages): TextQuery => ({ text, occurrence, ...(pages && { pages }) })),
      ),
    )
    const alone = queries.map((query) => {
      try {
        return findText(pdf, query)
      } catch (error) {
        return error
      }
    })
    expect(findTexts(pdf, queries)).toEqual(alone)
    expect(alone.filter(Array.isArray)).toHaveLength(22)
  })

  it('refuses for a page that cannot be read only what is looked for there', () => {
    const pdf = pagesWith(write('Seal'), '(open', write('Ink'))
    expect(
      codesOf(pdf, [
        { text: 'Seal', occurrence: 'first' },
        { text: 'Seal', occurrence: 'all' },
        { text: 'Ink', occurrence: 'last' },
        { text: 'Ink', occurrence: 'first' },
        { text: 'Ink', occurrence: 'all', pages: { from: 2, to: 2 } },
      ]),
    ).toEqual([1, 'PADES_PAGE_UNREADABLE', 1, 'PADES_PAGE_UNREADABLE', 1])
  })

  it('refuses a text that stands at too many places by itself', () => {
    const many = Array.from({ length: 1_100 }, (_, n) =>
      write('Seal', 10 + (n % 10) * 50, 10 + Math.floor(n / 10) * 7, 5),
    )
    expect(
      codesOf(pagesWith(many.join(''), write('Ink')), [
        { text: 'Seal', occurrence: 'all' },
        { text: 'Seal', occurrence: 'first' },
        { text: 'Ink', occurrence: 'all' },
      ]),
    ).toEqual(['PADES_LIMIT_EXCEEDED', 1, 1])
  })

  it('reads a document on one budget for all texts: forwards once for all of them, and ends where it is spent', () => {
    const lines = Array.from({ length: 750 }, (_, n) => write('abcdefghij'.repeat(10), 10, 10 + n, 1))
    const pdf = onePage(lines.join(''))
    const forwards = Array.from({ length: 50 }, (_, n): TextQuery => ({ text: `Seal ${n}`, occurrence: 'all' }))
    const backwards = ['x', 'y'].map((text): TextQuery => ({ text, occurrence: 'last' }))
    expect(codesOf(pdf, forwards)).toEqual(Array(50).fill('PADES_TEXT_NOT_FOUND'))
    expect(codesOf(pdf, backwards)).toEqual(Array(2).fill('PADES_TEXT_NOT_FOUND'))
    expect(codesOf(pdf, [...backwards, ...forwards])).toEqual([
      ...Array(2).fill('PADES_LIMIT_EXCEEDED'),
      ...Array(50).fill('PADES_TEXT_NOT_FOUND'),
    ])
  })

  it('counts what it compares and measures, so that texts made to match almost end it too', () => {
    const lines = Array.from({ length: 750 }, (_, n) => write('a'.repeat(100), 10, 10 + n, 1))
    const almost = Array.from(
      { length: 50 },
      (_, n): TextQuery => ({ text: `${'a'.repeat(60)}${n}`, occurrence: 'all' }),
    )
    const first = Array.from({ length: 50 }, (): TextQuery => ({ text: 'a', occurrence: 'first' }))
    const pdf = onePage(lines.join(''))
    expect(codesOf(pdf, almost)).toContain('PADES_LIMIT_EXCEEDED')
    expect(codesOf(pdf, first)).toContain('PADES_LIMIT_EXCEEDED')
  })
})

/** Words of `pdftotext -bbox`, boxes from the lower left corner. */
function readWords(xml: string): { page: number; text: string; box: number[] }[] {
  const words: { page: number; text: string; box: number[] }[] = []
  let [page, height] = [-1, 0]
  const pattern =
    /<page width="[\d.]+" height="([\d.]+)"|<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<&]*)<\/word>/g
  for (const [, pageHeight, x0, y0, x1, y1, text] of xml.matchAll(pattern)) {
    if (pageHeight !== undefined) {
      page++
      height = Number(pageHeight)
    } else words.push({ page, text: text!, box: [Number(x0), height - Number(y1), Number(x1), height - Number(y0)] })
  }
  return words
}
