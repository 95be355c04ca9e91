import { TemplateError } from '../errors.ts'
import type { ByteWriter } from '../pdf/byte-writer.ts'
import type { LicenceValues } from './licence-text.ts'
import { LineBreaker } from './line-breaker.ts'
import type { TypeCase } from './type-case.ts'

/** A style with its face found and its lengths in points. */
export interface CompiledStyle {
  readonly typeCase: TypeCase
  readonly size: number
  readonly spacing: number
  /** Operator that sets the fill colour. */
  readonly colour: string
}

/** What is left of a text or table when its place on the page is full. */
export interface Remainder {
  /** Pointer to the field it belongs to. */
  readonly where: string
  readonly title: string
  /** Draws as much as fits between two heights of a further page's column; true when all is drawn. */
  flow(
    press: Press,
    column: { x: number; width: number; top: number; bottom: number },
  ): { bottom: number; isDone: boolean }
}

export interface PlacedPicture {
  readonly digest: string
  readonly resource: string
}

/**
 * The place where a licence's pages are set: a writer, the licence's values, and the graphics state of the page being written. One per
 * template, used for one licence after another.
 */
export class Press {
  readonly breaker = new LineBreaker()
  writer: ByteWriter
  values!: LicenceValues
  statementText = ''
  page = 0
  remainders: Remainder[] = []
  pictures: PlacedPicture[] = []
  /** Collects faults instead of throwing them, when data are only tried out. */
  faults: TemplateError[] | undefined
  #resource = ''
  #size = 0
  #spacing = 0
  #colour = ''

  constructor(writer: ByteWriter) {
    this.writer = writer
  }

  begin(values: LicenceValues, statementText: string, faults: TemplateError[] | undefined): void {
    this.values = values
    this.statementText = statementText
    this.page = 0
    this.faults = faults
    if (this.remainders.length > 0) this.remainders = []
    if (this.pictures.length > 0) this.pictures = []
  }

  /** Every content stream starts with the graphics state of the static one before it. */
  beginPage(page: number): void {
    this.page = page
    this.forgetState()
  }

  forgetState(): void {
    this.#resource = ''
    this.#size = 0
    this.#spacing = -1
    this.#colour = ''
  }

  /** Loads a text for setting; a fault with a missing glyph is reported with its place. */
  load(text: string, style: CompiledStyle, where: string): boolean {
    try {
      this.breaker.load(text, style.typeCase)
      return true
    } catch (error) {
      if (!(error instanceof TemplateError) || error.code !== 'GLYPH_MISSING') throw error
      this.fail(new TemplateError('GLYPH_MISSING', error.message, { where, subject: error.subject ?? '' }))
      return false
    }
  }

  fail(error: TemplateError): void {
    if (this.faults === undefined) throw error
    this.faults.push(error)
  }

  failToFit(where: string): void {
    this.fail(new TemplateError('TEXT_DOES_NOT_FIT', `the text of ${where} does not fit into its place`, { where }))
  }

  /** Sets characters from … to of what is loaded on one line, x and y in points. */
  line(style: CompiledStyle, size: number, spacing: number, x: number, y: number, from: number, to: number): void {
    if (from >= to) return
    const { codes } = this.breaker
    let left = x
    for (let start = from; start < to; ) {
      const isFallback = codes[start] === 0
      let end = start + 1
      while (end < to && (codes[end] === 0) === isFallback) end++
      this.#run(
        isFallback ? style.typeCase.fallback : style.typeCase,
        style,
        size,
        spacing,
        left,
        y,
        start,
        end,
        isFallback,
      )
      if (end < to) left += this.breaker.width(start, end, size, spacing) + spacing
      start = end
    }
  }

  #run(
    typeCase: TypeCase,
    style: CompiledStyle,
    size: number,
    spacing: number,
    x: number,
    y: number,
    from: number,
    to: number,
    isFallback: boolean,
  ): void {
    const { writer, breaker } = this
    if (style.colour !== this.#colour) writer.text((this.#colour = style.colour))
    writer.text('BT ')
    if (typeCase.resource !== this.#resource || size !== this.#size) {
      this.#resource = typeCase.resource
      this.#size = size
      writer.text(`/${typeCase.resource} `)
      writer.number(size)
      writer.text('Tf ')
    }
    if (spacing !== this.#spacing) {
      this.#spacing = spacing
      writer.number(spacing)
      writer.text('Tc ')
    }
    writer.number(x)
    writer.number(y)
    writer.text('Td <')
    writer.reserve(4 * (to - from) + 16)
    for (let i = from; i < to; i++) {
      writer.hex16(isFallback ? typeCase.codeOf(breaker.points[i]!) : breaker.codes[i]!)
    }
    writer.text('> Tj ET\n')
  }
}
