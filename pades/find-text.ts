import { PdfDocument, shareBytes } from './document.ts'
import { PadesError } from './errors.ts'
import { Budget, uploadLimits } from './limits.ts'
import { readPageViews } from './page-view.ts'
import { readLayers } from './page-words/optional-content.ts'
import { type FontMemory, type PageGlyph, readPageGlyphs } from './page-words/page-glyphs.ts'
import { type LineCharacter, normalised, textLines } from './page-words/text-lines.ts'
import type { Rectangle } from './signed-pdf.ts'

/** Which occurrence of a text is meant: its number from 1, in reading order. */
export type Occurrence = 'first' | 'last' | 'all' | number

export interface TextQuery {
  /** 1 to 64 characters, white space not counted. Full and half width are one. */
  readonly text: string
  readonly occurrence: Occurrence
  /** First and last page to search, from 0, both included; all when left out. */
  readonly pages?: { readonly from: number; readonly to: number }
}

/** Where a text stands: a page from 0, and its box as shown, in points from the lower left corner. */
export interface FoundText {
  readonly page: number
  readonly box: Rectangle
}

const LONGEST_QUERY = 64
const MOST_FOUND = 1_000
/** Pages whose text is read. */
const MOST_PAGES = 2_000

/**
 * Finds where a text stands on the pages, on one line each time, by what the fonts say that their glyphs mean. Text that is not shown
 * (not painted, off the page, on a layer that is off) is not found. Where a glyph that says nothing could make another occurrence
 * before the one that is asked for, the answer is a refusal, never a guess.
 *
 * @throws PadesError a code of reading; PADES_PAGE_NOT_FOUND; PADES_PAGE_UNREADABLE; PADES_TEXT_NOT_FOUND; PADES_TEXT_UNCERTAIN
 */
export function findText(pdf: Uint8Array, { text, occurrence, pages: range }: TextQuery): FoundText[] {
  const wanted = normalised(text)
  if (wanted.length < 1 || wanted.length > LONGEST_QUERY)
    throw new PadesError('PADES_TEXT_NOT_FOUND', `a text to be found has 1 to ${LONGEST_QUERY} characters`)
  const budget = new Budget(uploadLimits, pdf.length)
  const document = new PdfDocument(shareBytes(pdf, budget), pdf.length)
  const views = readPageViews(document)
  const { from, to } = range ?? { from: 0, to: views.length - 1 }
  if (views[from] === undefined || views[to] === undefined || from > to)
    throw new PadesError(
      'PADES_PAGE_NOT_FOUND',
      `the document has ${views.length} pages, not ${from} to ${to} (from 0)`,
    )
  if (to - from >= MOST_PAGES)
    throw new PadesError('PADES_LIMIT_EXCEEDED', `a text is searched on at most ${MOST_PAGES} pages`)
  const isShown = readLayers(document)
  const fonts: FontMemory = new Map()
  const picker = new Picker(occurrence)
  for (let step = 0; step <= to - from && !picker.isDone; step++) {
    const page = occurrence === 'last' ? to - step : from + step
    const glyphs = readPageGlyphs(document, views[page]!, page, isShown, fonts)
    const shown = glyphs.filter(({ isHidden }) => !isHidden)
    picker.take(page, matchesOn(shown, wanted, budget))
    if (shown.length < glyphs.length && !picker.hasHidden)
      picker.hasHidden = matchesOn(
        glyphs.filter(({ isHidden }) => isHidden),
        wanted,
        budget,
      ).some(({ isCertain }) => isCertain)
  }
  return picker.finish()
}

interface Match {
  readonly box: Rectangle
  /** Whether every glyph says what it means. */
  readonly isCertain: boolean
}

/** Goes through the matches in the order in which they are asked for, up to the one that is wanted. */
class Picker {
  readonly #occurrence: Occurrence
  readonly #found: FoundText[] = []
  #doubt: number | null = null
  isDone = false
  hasHidden = false

  constructor(occurrence: Occurrence) {
    this.#occurrence = occurrence
  }

  take(page: number, matches: readonly Match[]): void {
    const isLast = this.#occurrence === 'last'
    for (const { box, isCertain } of isLast ? [...matches].reverse() : matches) {
      if (this.isDone) return
      if (isCertain) this.#found.push({ page, box })
      else this.#doubt ??= page
      if (this.#found.length > MOST_FOUND)
        throw new PadesError('PADES_LIMIT_EXCEEDED', `the text stands at more than ${MOST_FOUND} places`)
      // In doubt the count is not certain any more.
      if (this.#doubt !== null && this.#occurrence !== 'all') this.isDone = true
      if (
        this.#found.length === (typeof this.#occurrence === 'number' ? this.#occurrence : 1) &&
        this.#occurrence !== 'all'
      )
        this.isDone = true
    }
  }

  finish(): FoundText[] {
    if (this.#doubt !== null) {
      throw new PadesError(
        'PADES_TEXT_UNCERTAIN',
        `page ${this.#doubt + 1}: a font does not say which characters its glyphs are, and they could be the text asked for`,
      )
    }
    const count = this.#found.length
    const number = typeof this.#occurrence === 'number' ? this.#occurrence : 1
    if (count >= number) return typeof this.#occurrence === 'number' ? this.#found.slice(number - 1) : this.#found
    const hidden = this.hasHidden ? ' where it is seen, only in text that is not shown' : ''
    throw new PadesError(
      'PADES_TEXT_NOT_FOUND',
      count === 0
        ? `the text does not stand on these pages${hidden}`
        : `the text stands there ${count} times, not ${number}`,
    )
  }
}

/** All occurrences on a page in reading order, from the top down and from left to right. */
function matchesOn(glyphs: readonly PageGlyph[], wanted: readonly string[], budget: Budget): Match[] {
  const matches = textLines(glyphs, budget).flatMap((line) => matchesIn(line, wanted, budget))
  return matches.sort(({ box: a }, { box: b }) => {
    const isSameLine = Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > Math.min(a[3] - a[1], b[3] - b[1]) / 2
    return isSameLine ? a[0] - b[0] : b[3] - a[3]
  })
}

function matchesIn(line: readonly LineCharacter[], wanted: readonly string[], budget: Budget): Match[] {
  const matches: Match[] = []
  for (let at = 0; at + wanted.length <= line.length; ) {
    let isCertain = true
    const length = wanted.findIndex((character, index) => {
      const there = line[at + index]!.character
      if (there === null) isCertain = false
      return there !== null && there !== character
    })
    budget.work(length < 0 ? wanted.length : length + 1)
    if (length >= 0) at++
    else {
      matches.push({ box: boxAround(line.slice(at, at + wanted.length)), isCertain })
      at += isCertain ? wanted.length : 1
    }
  }
  return matches
}

function boxAround(characters: readonly LineCharacter[]): Rectangle {
  const boxes = characters.map(({ glyph }) => glyph.box)
  return [
    Math.min(...boxes.map(([x0]) => x0)),
    Math.min(...boxes.map(([, y0]) => y0)),
    Math.max(...boxes.map(([, , x1]) => x1)),
    Math.max(...boxes.map(([, , , y1]) => y1)),
  ]
}
