import { TemplateError } from '../errors.ts'
import type { Face, GlyphRecord } from '../fonts/face.ts'
import { type CompiledSubset, compileSubset } from '../fonts/subset.ts'

const basicPlane = 0x10000
/** The generation of fixed characters. */
const forEver = 0xffff

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

  /** For each character of the basic plane its code, and above it the generation it belongs to: one look into memory a character. */
  readonly #entries = new Uint32Array(basicPlane)
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
      this.#entries[codePoint] = (forEver << 16) | (i + 1)
      this.widths[i + 1] = this.#scaled(this.subset.records[i + 1]!)
    }
  }

  /** Forgets the last licence's own characters. */
  begin(): void {
    if (++this.#generation === forEver) this.#forgetAll()
    this.ownCount = 0
    if (this.#above.size > 0) this.#above.clear()
  }

  /** The code of a character, or 0 when only the fallback has it. @throws TemplateError GLYPH_MISSING when neither has it */
  codeOf(codePoint: number): number {
    if (codePoint >= basicPlane) return this.#codeAbove(codePoint)
    const entry = this.#entries[codePoint]!
    const generation = entry >>> 16
    if (generation === this.#generation || generation === forEver) return entry & 0xffff
    const code = this.#add(codePoint, this.#glyph(codePoint))
    this.#entries[codePoint] = (this.#generation << 16) | code
    return code
  }

  #forgetAll(): void {
    for (const [i, entry] of this.#entries.entries()) if (entry >>> 16 !== forEver) this.#entries[i] = 0
    this.#generation = 1
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

function glyphMissing(codePoint: number): TemplateError {
  const character = String.fromCodePoint(codePoint)
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
  return new TemplateError('GLYPH_MISSING', `no face has a glyph for ${character} (${name})`, { subject: character })
}
