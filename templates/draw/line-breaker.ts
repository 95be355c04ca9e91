import type { TypeCase } from './type-case.ts'

/** No line starts with these (行首禁则) … */
const closing = '、，。．；：？！…）》」』】〕〉］｝”’,.;:?!)]}%‰℃°·－—～ー々'
/** … and none ends with these (行尾禁则). */
const opening = '（《「『【〔〈［｛“‘([{￥$№'
const kinds = new Uint8Array(0x10000)
const isClosing = 1
const isOpening = 2
const isWord = 4
for (const character of closing) kinds[character.charCodeAt(0)]! |= isClosing
for (const character of opening) kinds[character.charCodeAt(0)]! |= isOpening
for (let c = 0x21; c < 0x250; c++) {
  const character = String.fromCharCode(c)
  if (/[\p{L}\p{N}\-/_@&+.']/u.test(character)) kinds[c]! |= isWord
}

const lineFeed = 10
const space = 32

/** A text as codes and widths of one face, and its division into lines. Kept and refilled; grows with the longest text. */
export class LineBreaker {
  codes = new Uint32Array(1024)
  points = new Uint32Array(1024)
  widths = new Float64Array(1024)
  count = 0
  lineStarts: number[] = []
  lineEnds: number[] = []
  typeCase!: TypeCase

  /** Looks up every character. @throws TemplateError GLYPH_MISSING */
  load(text: string, typeCase: TypeCase): void {
    if (text.length > this.codes.length) this.#grow(text.length)
    const { codes, points, widths } = this
    this.typeCase = typeCase
    let count = 0
    for (let i = 0; i < text.length; i++) {
      let point = text.charCodeAt(i)
      if (point >= 0xd800 && point < 0xdc00) point = text.codePointAt(i++)!
      points[count] = point
      const code = point === lineFeed ? 0 : typeCase.codeOf(point)
      codes[count] = code
      widths[count++] = code !== 0 ? typeCase.widths[code]! : point === lineFeed ? 0 : fallbackWidth(typeCase, point)
    }
    this.count = count
  }

  /** Width of characters from … to in points, letter spacing included but after the last. */
  width(from: number, to: number, size: number, spacing: number): number {
    let sum = 0
    for (let i = from; i < to; i++) sum += this.widths[i]!
    return (sum * size) / 1000 + Math.max(0, to - from - 1) * spacing
  }

  /** Divides what is loaded, from a character on, into lines of at most `width` points. Returns their number. */
  break(from: number, width: number, size: number, spacing: number): number {
    const limit = ((width + spacing + 0.01) * 1000) / size
    const extra = (spacing * 1000) / size
    let lines = 0
    let start = from
    while (start < this.count) {
      const end = this.#lineEnd(start, limit, extra)
      this.lineStarts[lines] = start
      let visibleEnd = end
      while (visibleEnd > start && isBlank(this.points[visibleEnd - 1]!)) visibleEnd--
      this.lineEnds[lines++] = visibleEnd
      start = end
      while (start < this.count && this.points[start] === space) start++
    }
    return lines
  }

  /** Where the line that starts here ends: after as many characters as the width holds, moved back to where a line may end. */
  #lineEnd(start: number, limit: number, extra: number): number {
    let sum = 0
    let lastBreak = -1
    for (let i = start; i < this.count; i++) {
      const point = this.points[i]!
      if (point === lineFeed) return i + 1
      if (i > start && this.#mayBreakBefore(i)) lastBreak = i
      sum += this.widths[i]! + extra
      if (sum > limit && i > start && point !== space) return lastBreak > start ? lastBreak : i
    }
    return this.count
  }

  #mayBreakBefore(i: number): boolean {
    const before = kindOf(this.points[i - 1]!)
    const here = kindOf(this.points[i]!)
    if ((here & isClosing) !== 0 || (before & isOpening) !== 0) return false
    return (before & here & isWord) === 0
  }

  #grow(length: number): void {
    const size = 2 * length
    this.codes = new Uint32Array(size)
    this.points = new Uint32Array(size)
    this.widths = new Float64Array(size)
  }
}

function kindOf(point: number): number {
  return point < 0x10000 ? kinds[point]! : 0
}

function isBlank(point: number): boolean {
  return point === space || point === lineFeed
}

function fallbackWidth(typeCase: TypeCase, point: number): number {
  const { fallback } = typeCase
  return fallback.widths[fallback.codeOf(point)]!
}
