import { drawSheet, type SheetBlock, type SheetColour } from '../../templates/draw/index.ts'
import {
  type AnyReport,
  type OutlineRow,
  outlineReport,
  type ReportFacts,
  type ReportOutline,
  type Tone,
} from '../formats/index.ts'

const COLOURS: Readonly<Record<Tone, SheetColour>> = {
  good: [0.08, 0.4, 0.23],
  bad: [0.64, 0.07, 0.12],
  open: [0.48, 0.29, 0],
  plain: [0.09, 0.1, 0.11],
}
const MARKS: Readonly<Record<Tone, string>> = { good: '√', bad: '×', open: '?', plain: '' }
const TONES = { accepted: 'good', refused: 'bad', undecided: 'open' } as const

/** The fonts that a report is set in, as `templates` opens them. */
export type ReportFonts = Parameters<typeof drawSheet>[1]

/** The report of `renderReportHtml` as PDF/A-2b on A4 pages. The same report gives the same bytes. */
export function renderReportPdf(report: AnyReport, facts: ReportFacts, fonts: ReportFonts): Uint8Array {
  const outline = outlineReport(report, facts)
  const title = `${outline.title.zh} ${outline.title.en}`
  return drawSheet({ title, footer: title, blocks: toBlocks(outline) }, fonts)
}

function toBlocks({ title, subject, verdict, word, sentence, sections, note }: ReportOutline): SheetBlock[] {
  return [
    { kind: 'title', text: `${title.zh} ${title.en}` },
    { kind: 'text', text: subject },
    {
      kind: 'banner',
      colour: COLOURS[TONES[verdict]],
      word: `${word.zh} ${word.en}`,
      lines: [sentence.zh, sentence.en],
    },
    ...sections.flatMap(({ heading, rows }): SheetBlock[] => [
      { kind: 'heading', text: `${heading.zh} ${heading.en}` },
      ...rows.map(toRow),
    ]),
    { kind: 'note', text: note.zh },
    { kind: 'note', text: note.en },
  ]
}

function toRow({ label, value, tone }: OutlineRow): SheetBlock {
  return {
    kind: 'row',
    label: label.zh === label.en ? [label.zh] : [label.zh, label.en],
    values: typeof value === 'string' ? [value] : [value.zh, value.en],
    mark: MARKS[tone],
    colour: COLOURS[tone],
  }
}
