import { TemplateError } from '../errors.ts'
import type { Face, GlyphRecord } from '../fonts/face.ts'
import { type CompiledSubset, compileSubset } from '../fonts/subset.ts'

const basicPlane = 0x10000

/**
 * One face as one template uses it: fixed characters have codes 1 … F for ever, a licence's own get F + 1, F + 2 … in order of
 * appearance. A generation stamp says which codes are this licence's, so that nothing is cleared between licences.
 */
export class TypeCase {
  readonly face: Face
  readonly resource: string
  readonly subset: CompiledSubset
  readonly fixedCount: number
  /** Code points of the fixed characters; code c is at c − 1. */
  readonly fixedCodePoints: readonly number[]
  /** The licence's own characters, in order; only the first `ownCount` are this licence's. */
  readonly ownCodePoints: number[] = []
  readonly ownRecords: GlyphRecord[] = []
  ownCount = 0
  /** Advance of every code in thousandths of the size. */
  widths = new Float64Array(4096)

  readonly #fixed = new Uint16Array(basicPlane)
  readonly #stamps = new Uint32Array(basicPlane)
  readonly #codes = new Uint16Array(basicPlane)
  readonly #above = new Map<number, number>()
  readonly #fallback: (() => TypeCase) | undefined
  #generation = 1

  /** @param fallback the case a character of plane 2 is looked for when the face has none */
  constructor(face: Face, resource: string, fixedCodePoints: readonly number[], fallback?: () => TypeCase) {
    this.face = face
    this.resource = resource
    this.fixedCodePoints = fixedCodePoints
    this.#fallback = fallback
    for (const codePoint of fixedCodePoints) this.#glyph(codePoint)
    this.subset = compileSubset(face, fixedCodePoints)
    this.fixedCount = fixedCodePoints.length
    this.widths[0] = this.#scaled(this.subset.records[0]!)
    for (const [i, codePoint] of fixedCodePoints.entries()) {
      this.#fixed[codePoint] = i + 1
      this.widths[i + 1] = this.#scaled(this.subset.records[i + 1]!)
    }
  }

  /** Forgets the last licence's own characters. */
  begin(): void {
    this.#generation++
    this.ownCount = 0
    if (this.#above.size > 0) this.#above.clear()
  }

  /** The code of a character, or 0 when only the fallback has it. @throws TemplateError GLYPH_MISSING when neither has it */
  codeOf(codePoint: number): number {
    if (codePoint >= basicPlane) return this.#codeAbove(codePoint)
    const fixed = this.#fixed[codePoint]!
    if (fixed !== 0) return fixed
    if (this.#stamps[codePoint] === this.#generation) return this.#codes[codePoint]!
    const code = this.#add(codePoint, this.#glyph(codePoint))
    this.#stamps[codePoint] = this.#generation
    return (this.#codes[codePoint] = code)
  }

  /** The case to set a character from that this one has no code for. */
  get fallback(): TypeCase {
    if (this.#fallback === undefined) throw new TypeError('this face has no fallback')
    return this.#fallback()
  }

  #codeAbove(codePoint: number): number {
    const known = this.#above.get(codePoint)
    if (known !== undefined) return known
    const glyph = this.face.glyphOf(codePoint)
    if (glyph === 0 && this.#fallback !== undefined && this.#fallback().face.glyphOf(codePoint) !== 0) return 0
    const code = this.#add(codePoint, this.#glyph(codePoint))
    this.#above.set(codePoint, code)
    return code
  }

  #glyph(codePoint: number): number {
    const glyph = this.face.glyphOf(codePoint)
    if (glyph !== 0) return glyph
    throw glyphMissing(codePoint)
  }

  #add(codePoint: number, glyph: number): number {
    const record = this.face.record(glyph)
    this.ownCodePoints[this.ownCount] = codePoint
    this.ownRecords[this.ownCount] = record
    const code = this.fixedCount + ++this.ownCount
    if (code >= this.widths.length) {
      const wider = new Float64Array(2 * this.widths.length)
      wider.set(this.widths)
      this.widths = wider
    }
    this.widths[code] = this.#scaled(record)
    return code
  }

  #scaled(record: GlyphRecord): number {
    return (record.advance * 1000) / this.face.unitsPerEm
  }
}

export function glyphMissing(codePoint: number): TemplateError {
  const character = String.fromCodePoint(codePoint)
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
  return new TemplateError('GLYPH_MISSING', `no face has a glyph for ${character} (${name})`, { subject: character })
}
