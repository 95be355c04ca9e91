import { contentData, pageContent } from '../content-filters.ts'
import { readOperators } from '../content-stream.ts'
import type { PdfDocument } from '../document.ts'
import { PadesError } from '../errors.ts'
import { isArray, isReference, isString, nameOf, numberOf, type PdfDictionary, type PdfValue } from '../objects.ts'
import {
  identity,
  inheritedEntry,
  inverted,
  joined,
  type Matrix,
  matrixOf,
  type PageView,
  transformed,
} from '../page-view.ts'
import type { IsShown } from './optional-content.ts'
import { readTextFont, type ShownGlyph, type TextFont } from './text-font.ts'

/** A glyph on a page as shown, in points. */
export interface PageGlyph {
  /** Null where its font does not say what it means. */
  readonly text: string | null
  /** Where it is set on its line. */
  readonly x: number
  readonly y: number
  /** Along the line, of length 1. */
  readonly direction: readonly [x: number, y: number]
  readonly advance: number
  /** Height of the type. */
  readonly size: number
  /** The corners of its box, as far as the font tells its reach. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number]
  /** Not painted, outside of what is shown, or on a layer that is off. */
  readonly isHidden: boolean
}

const MOST_GLYPHS = 100_000
/** What it costs to place a glyph, and to begin with a form, in bytes read. */
const GLYPH = 48
const FORM = 512
const DEEPEST_STATE = 256
const DEEPEST_FORM = 12
const MOST_MARKED = 1_000

/** What of the graphics and text state (8.4, 9.3) matters for where text stands. */
interface State {
  readonly matrix: Matrix
  readonly font: TextFont | null
  readonly size: number
  readonly spacing: number
  readonly wordSpacing: number
  readonly scale: number
  readonly leading: number
  readonly rise: number
  readonly mode: number
}

const firstState: State = {
  matrix: identity,
  font: null,
  size: 0,
  spacing: 0,
  wordSpacing: 0,
  scale: 1,
  leading: 0,
  rise: 0,
  mode: 0,
}

/** Fonts by their object, for all pages. */
export type FontMemory = Map<number, TextFont | null>

/**
 * Every glyph of a page's text, forms that it draws included (9.4), in the order of the content.
 *
 * @throws PadesError PADES_PAGE_UNREADABLE where the content cannot be read for certain; PADES_LIMIT_EXCEEDED
 */
export function readPageGlyphs(
  document: PdfDocument,
  view: PageView,
  index: number,
  isShown: IsShown,
  fonts: FontMemory,
): PageGlyph[] {
  const toShown = inverted(view.toPage)
  const refuse = (what: string, cause?: unknown): never => {
    throw new PadesError('PADES_PAGE_UNREADABLE', `page ${index + 1}: ${what}`, { cause })
  }
  if (toShown === null) return refuse('it has no size')
  const glyphs: PageGlyph[] = []
  try {
    const reader = new GlyphReader(document, view, isShown, fonts, glyphs)
    const resources = document.dictionary(inheritedEntry(view, 'Resources'))
    if (!reader.read(pageContent(document, view), resources, { ...firstState, matrix: toShown }, 0))
      refuse('its content has no certain end')
  } catch (error) {
    if (!(error instanceof PadesError) || passedOn.has(error.code)) throw error
    refuse(`its content cannot be read: ${error.message}`, error)
  }
  return glyphs
}

const passedOn: ReadonlySet<string> = new Set(['PADES_PAGE_UNREADABLE', 'PADES_LIMIT_EXCEEDED'])

/** What one content stream goes through. */
interface Run {
  readonly resources: PdfDictionary | null
  readonly depth: number
  state: State
  readonly saved: State[]
  /** Of each marked content that is open, whether it is on a layer that is off. */
  readonly marked: boolean[]
  line: Matrix
  text: Matrix
  /** Whether the end of everything drawn was certain. */
  isWhole: boolean
}

type Operator = (reader: GlyphReader, run: Run, operands: readonly PdfValue[], numbers: readonly number[]) => void

/** Changes one value of the text state (9.3). */
const sets =
  (change: (number: number) => Partial<State>): Operator =>
  (_reader, run, _operands, [number = 0]) => {
    run.state = { ...run.state, ...change(number) }
  }

const move = (run: Run, x: number, y: number): void => {
  run.text = run.line = joined([1, 0, 0, 1, x, y], run.line)
}
const nextLine = (run: Run): void => move(run, 0, -run.state.leading)

const operators: Readonly<Record<string, Operator>> = Object.assign(Object.create(null), {
  q: (_reader, { saved, state }) => {
    if (saved.push(state) > DEEPEST_STATE) throw new PadesError('PADES_MALFORMED', 'saved states too deep')
  },
  Q: (_reader, run) => {
    run.state = run.saved.pop() ?? run.state
  },
  cm: (_reader, run, _operands, numbers) => {
    if (numbers.length === 6) run.state = { ...run.state, matrix: joined(matrixOf(numbers), run.state.matrix) }
  },
  gs: (reader, run, [name]) => reader.useState(run, name),
  BT: (_reader, run) => {
    run.text = run.line = identity
  },
  Tf: (reader, run, [name], [, size = 0]) => {
    run.state = { ...run.state, font: reader.font(reader.resource(run, 'Font', name)), size }
  },
  Tc: sets((spacing) => ({ spacing })),
  Tw: sets((wordSpacing) => ({ wordSpacing })),
  Tz: sets((percent) => ({ scale: percent / 100 })),
  TL: sets((leading) => ({ leading })),
  Ts: sets((rise) => ({ rise })),
  Tr: sets((mode) => ({ mode })),
  Tm: (_reader, run, _operands, numbers) => {
    if (numbers.length === 6) run.text = run.line = matrixOf(numbers)
  },
  Td: (_reader, run, _operands, [x = 0, y = 0]) => move(run, x, y),
  TD: (_reader, run, _operands, [x = 0, y = 0]) => {
    run.state = { ...run.state, leading: -y }
    move(run, x, y)
  },
  'T*': (_reader, run) => nextLine(run),
  Tj: (reader, run, [text]) => reader.show(run, text),
  TJ: (reader, run, [list]) => reader.showAll(run, list),
  "'": (reader, run, [text]) => {
    nextLine(run)
    reader.show(run, text)
  },
  '"': (reader, run, [, , text], [wordSpacing = 0, spacing = 0]) => {
    run.state = { ...run.state, wordSpacing, spacing }
    nextLine(run)
    reader.show(run, text)
  },
  BMC: (reader, run) => reader.open(run, false),
  BDC: (reader, run, [tag, name]) => reader.openLayer(run, tag, name),
  EMC: (reader, run) => reader.close(run),
  Do: (reader, run, [name]) => reader.draw(run, name),
} satisfies Record<string, Operator>)

class GlyphReader {
  readonly #document: PdfDocument
  readonly #view: PageView
  readonly #isShown: IsShown
  readonly #fonts: FontMemory
  readonly #glyphs: PageGlyph[]
  /** Layers that are off around what is read now. */
  #hidden = 0

  constructor(document: PdfDocument, view: PageView, isShown: IsShown, fonts: FontMemory, glyphs: PageGlyph[]) {
    this.#document = document
    this.#view = view
    this.#isShown = isShown
    this.#fonts = fonts
    this.#glyphs = glyphs
  }

  /** Reads one content stream; false where its end is not certain. */
  read(data: Uint8Array, resources: PdfDictionary | null, state: State, depth: number): boolean {
    const run: Run = { resources, depth, state, saved: [], marked: [], line: identity, text: identity, isWhole: true }
    const visit = (operator: string, operands: readonly PdfValue[]): void =>
      operators[operator]?.(
        this,
        run,
        operands,
        operands.map((operand) => numberOf(operand) ?? 0),
      )
    const isRead = readOperators(data, this.#document.shared.budget, visit, 'skip')
    while (run.marked.length > 0) this.close(run)
    return isRead && run.isWhole
  }

  resource({ resources }: Run, kind: string, name: PdfValue | undefined): PdfValue | undefined {
    const key = nameOf(name)
    return key === null ? undefined : this.#document.dictionary(resources?.entries.get(kind))?.entries.get(key)
  }

  useState(run: Run, name: PdfValue | undefined): void {
    const document = this.#document
    const font = document.resolve(document.dictionary(this.resource(run, 'ExtGState', name))?.entries.get('Font'))
    if (!isArray(font)) return
    run.state = { ...run.state, font: this.font(font.items[0]), size: numberOf(document.resolve(font.items[1])) ?? 0 }
  }

  open({ marked }: Run, isOff: boolean): void {
    if (marked.push(isOff) > MOST_MARKED) throw new PadesError('PADES_MALFORMED', 'marked content too deep')
    if (isOff) this.#hidden++
  }

  openLayer(run: Run, tag: PdfValue | undefined, name: PdfValue | undefined): void {
    this.open(run, nameOf(tag) === 'OC' && !this.#isShown(this.resource(run, 'Properties', name) ?? false))
  }

  close({ marked }: Run): void {
    if (marked.pop() === true) this.#hidden--
  }

  /** A form is read with its own resources, or those of what draws it. */
  draw(run: Run, name: PdfValue | undefined): void {
    const document = this.#document
    const value = this.resource(run, 'XObject', name)
    const form = document.dictionary(value)
    if (form === null || nameOf(document.resolve(form.entries.get('Subtype'))) !== 'Form') return
    if (run.depth >= DEEPEST_FORM) throw new PadesError('PADES_MALFORMED', 'forms too deep in each other')
    document.shared.budget.work(FORM)
    const isOff = !this.#isShown(form.entries.get('OC'))
    const list = document.resolve(form.entries.get('Matrix'))
    const numbers = isArray(list) ? list.items.map((item) => numberOf(document.resolve(item)) ?? 0) : []
    const { state } = run
    const matrix = numbers.length === 6 ? joined(matrixOf(numbers), state.matrix) : state.matrix
    const own = document.dictionary(form.entries.get('Resources')) ?? run.resources
    if (isOff) this.#hidden++
    if (!this.read(contentData(document, value), own, { ...state, matrix }, run.depth + 1)) run.isWhole = false
    if (isOff) this.#hidden--
  }

  font(value: PdfValue | undefined): TextFont | null {
    const dictionary = this.#document.dictionary(value)
    if (dictionary === null) return null
    if (!isReference(value)) return readTextFont(this.#document, dictionary)
    let font = this.#fonts.get(value.number)
    if (font === undefined) this.#fonts.set(value.number, (font = readTextFont(this.#document, dictionary)))
    return font
  }

  showAll(run: Run, list: PdfValue | undefined): void {
    for (const item of isArray(list) ? list.items : []) {
      const back = numberOf(item)
      if (back === null) this.show(run, item)
      else run.text = advanced(run.text, run.state, (-back / 1000) * run.state.size)
    }
  }

  /** Sets a string, and the text matrix behind it. */
  show(run: Run, value: PdfValue | undefined): void {
    if (!isString(value)) return
    const { font, size, scale, rise, mode, matrix, spacing, wordSpacing } = run.state
    const isPainted = mode !== 3 && mode !== 7 && this.#hidden === 0
    // Of a font that cannot be read every byte is a glyph of about half the size: enough to know that something stands there.
    const glyphs = font?.glyphs(value.bytes) ?? Array.from(value.bytes, () => unreadableGlyph)
    for (const glyph of glyphs) {
      this.#add(glyph, joined([size * scale, 0, 0, size, 0, rise], joined(run.text, matrix)), font, isPainted)
      run.text = advanced(run.text, run.state, glyph.advance * size + spacing + (glyph.isSpace ? wordSpacing : 0))
    }
  }

  #add({ text, advance, left }: ShownGlyph, set: Matrix, font: TextFont | null, isPainted: boolean): void {
    this.#document.shared.budget.work(GLYPH)
    if (text !== null && text.trim() === '') return
    if (this.#glyphs.length >= MOST_GLYPHS)
      throw new PadesError('PADES_LIMIT_EXCEEDED', 'a page holds too many characters')
    const isVertical = font?.isVertical ?? false
    const [x, y] = transformed(set, 0, 0)
    const [endX, endY] = isVertical ? transformed(set, 0, advance) : transformed(set, advance, 0)
    const [unitX, unitY] = isVertical ? [-set[2], -set[3]] : [set[0], set[1]]
    const [unit, size] = [Math.hypot(unitX, unitY), Math.hypot(set[2], set[3])]
    const box = isVertical
      ? boundsOf(set, -left, advance, left, 0)
      : boundsOf(set, 0, font?.descent ?? 0, advance, font?.ascent ?? 1)
    if (!(unit > 0 && size > 0) || ![x, y, endX, endY, ...box].every(Number.isFinite)) return
    this.#glyphs.push({
      text,
      x,
      y,
      direction: [unitX / unit, unitY / unit],
      advance: Math.hypot(endX - x, endY - y),
      size,
      box,
      isHidden: !isPainted || !isOnPage(this.#view, box),
    })
  }
}

const unreadableGlyph: ShownGlyph = { text: null, advance: 0.5, left: 0, isSpace: false }

/** The box around a transformed box. */
function boundsOf([a, b, c, d, e, f]: Matrix, x0: number, y0: number, x1: number, y1: number): PageGlyph['box'] {
  const [ax0, ax1, cy0, cy1] = [a * x0, a * x1, c * y0, c * y1]
  const [bx0, bx1, dy0, dy1] = [b * x0, b * x1, d * y0, d * y1]
  return [
    Math.min(ax0, ax1) + Math.min(cy0, cy1) + e,
    Math.min(bx0, bx1) + Math.min(dy0, dy1) + f,
    Math.max(ax0, ax1) + Math.max(cy0, cy1) + e,
    Math.max(bx0, bx1) + Math.max(dy0, dy1) + f,
  ]
}

/** Whether the middle of a glyph lies on what is shown of the page. */
function isOnPage({ width, height }: PageView, [x0, y0, x1, y1]: PageGlyph['box']): boolean {
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2]
  return x >= 0 && y >= 0 && x <= width && y <= height
}

/** The text matrix after a displacement along the line (9.4.4); across the page it is scaled. */
function advanced(text: Matrix, { font, scale }: State, by: number): Matrix {
  return font?.isVertical === true ? joined([1, 0, 0, 1, 0, by], text) : joined([1, 0, 0, 1, by * scale, 0], text)
}
