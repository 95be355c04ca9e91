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
/** What it costs to measure an occurrence and to put it in order, in bytes read. */
const MATCH = 64

/**
 * Finds where a text stands on the pages, on one line each time, by what the fonts say that their glyphs mean. Text that is not shown
 * (not painted, off the page, on a layer that is off) is not found. Where a glyph that says nothing could make another occurrence
 * before the one that is asked for, the answer is a refusal, never a guess.
 *
 * @throws PadesError a code of reading; PADES_PAGE_NOT_FOUND; PADES_PAGE_UNREADABLE; PADES_TEXT_NOT_FOUND; PADES_TEXT_UNCERTAIN
 */
export function findText(pdf: Uint8Array, query: TextQuery): FoundText[] {
  const found = findTexts(pdf, [query])[0]!
  if (found instanceof PadesError) throw found
  return found
}

/**
 * As `findText`, of several texts: where each stands, or why that cannot be told. Each page is read once, or twice where one text is asked
 * for from the end; all of it on the budget of one document. When that is spent, every text not found by then is refused.
 *
 * @throws PadesError a code of reading, where the document itself cannot be read
 */
export function findTexts(pdf: Uint8Array, queries: readonly TextQuery[]): (FoundText[] | PadesError)[] {
  const budget = new Budget(uploadLimits, pdf.length)
  const document = new PdfDocument(shareBytes(pdf, budget), pdf.length)
  const views = readPageViews(document)
  const searches = queries.map((query) => new Search(query, views.length, budget))
  const isShown = readLayers(document)
  const fonts: FontMemory = new Map()
  const readGlyphs = (page: number) => readPageGlyphs(document, views[page]!, page, isShown, fonts)
  sweep(
    searches.filter(({ isBackwards }) => !isBackwards),
    Array.from(views, (_, page) => page),
    readGlyphs,
    budget,
  )
  sweep(
    searches.filter(({ isBackwards }) => isBackwards),
    Array.from(views, (_, page) => views.length - 1 - page),
    readGlyphs,
    budget,
  )
  return searches.map(({ result }) => result)
}

/** Goes through the pages once, holding one at a time, for all searches that still want it. */
function sweep(
  searches: readonly Search[],
  pages: readonly number[],
  readGlyphs: (page: number) => readonly PageGlyph[],
  budget: Budget,
): void {
  let open = searches.filter(({ isDone }) => !isDone)
  for (const page of pages) {
    if (open.length === 0) return
    const wanting = open.filter((search) => search.wants(page))
    if (wanting.length === 0) continue
    try {
      const lines = linesOf(readGlyphs(page), budget)
      for (const search of wanting) search.take(page, lines)
    } catch (error) {
      if (!(error instanceof PadesError)) throw error
      // One budget for all: what is spent is spent for those that would come to other pages, too.
      for (const search of error.code === 'PADES_LIMIT_EXCEEDED' ? open : wanting) search.refuse(error)
    }
    open = open.filter(({ isDone }) => !isDone)
  }
}

/** The text of a page, in lines; what is not shown apart. */
interface PageLines {
  readonly shown: readonly LineCharacter[][]
  readonly hidden: readonly LineCharacter[][]
}

function linesOf(glyphs: readonly PageGlyph[], budget: Budget): PageLines {
  const shown = glyphs.filter(({ isHidden }) => !isHidden)
  const hidden = shown.length < glyphs.length ? glyphs.filter(({ isHidden }) => isHidden) : []
  return { shown: textLines(shown, budget), hidden: textLines(hidden, budget) }
}

/** One text that is looked for. */
class Search {
  readonly #wanted: readonly string[]
  readonly #from: number
  readonly #to: number
  readonly #picker: Picker
  readonly #budget: Budget
  readonly isBackwards: boolean
  #refusal: PadesError | null = null

  constructor({ text, occurrence, pages }: TextQuery, pageCount: number, budget: Budget) {
    this.#wanted = normalised(text)
    this.#from = pages?.from ?? 0
    this.#to = pages?.to ?? pageCount - 1
    this.#picker = new Picker(occurrence)
    this.#budget = budget
    this.isBackwards = occurrence === 'last'
    this.#refusal = this.#fault(pageCount)
  }

  #fault(pageCount: number): PadesError | null {
    const [length, from, to] = [this.#wanted.length, this.#from, this.#to]
    if (length < 1 || length > LONGEST_QUERY)
      return new PadesError('PADES_TEXT_NOT_FOUND', `a text to be found has 1 to ${LONGEST_QUERY} characters`)
    const isPage = (page: number) => Number.isInteger(page) && page >= 0 && page < pageCount
    if (!isPage(from) || !isPage(to) || from > to)
      return new PadesError(
        'PADES_PAGE_NOT_FOUND',
        `the document has ${pageCount} pages, not ${from} to ${to} (from 0)`,
      )
    return to - from >= MOST_PAGES
      ? new PadesError('PADES_LIMIT_EXCEEDED', `a text is searched on at most ${MOST_PAGES} pages`)
      : null
  }

  get isDone(): boolean {
    return this.#refusal !== null || this.#picker.isDone
  }

  /** Where it stands, or why that cannot be told; once every page that it wants was taken. */
  get result(): FoundText[] | PadesError {
    if (this.#refusal !== null) return this.#refusal
    try {
      return this.#picker.finish()
    } catch (error) {
      if (error instanceof PadesError) return error
      throw error
    }
  }

  refuse(reason: PadesError): void {
    if (!this.isDone) this.#refusal = reason
  }

  wants(page: number): boolean {
    return page >= this.#from && page <= this.#to
  }

  take(page: number, { shown, hidden }: PageLines): void {
    this.#picker.take(page, this.#matchesOn(shown))
    if (!this.#picker.hasHidden) this.#picker.hasHidden = this.#matchesOn(hidden).some(({ isCertain }) => isCertain)
  }

  /** All occurrences on a page in reading order, from the top down and from left to right. */
  #matchesOn(lines: readonly LineCharacter[][]): Match[] {
    const matches = lines.flatMap((line) => matchesIn(line, this.#wanted, this.#budget))
    this.#budget.work(matches.length * MATCH)
    return matches.sort(({ box: a }, { box: b }) => {
      const isSameLine = Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > Math.min(a[3] - a[1], b[3] - b[1]) / 2
      return isSameLine ? a[0] - b[0] : b[3] - a[3]
    })
  }
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
      if (this.#found.length > MOST_FOUND) this.isDone = true
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
    if (this.#found.length > MOST_FOUND)
      throw new PadesError('PADES_LIMIT_EXCEEDED', `the text stands at more than ${MOST_FOUND} places`)
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

function matchesIn(line: readonly LineCharacter[], wanted: readonly string[], budget: Budget): Match[] {
  const matches: Match[] = []
  budget.work(1 + (line.length >> 3))
  for (let at = 0; at + wanted.length <= line.length; ) {
    const first = line[at]!.character
    if (first !== null && first !== wanted[0]) {
      at++
      continue
    }
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
