import { readOperators } from '../content-stream.ts'
import type { Budget } from '../limits.ts'
import { isArray, isString, type PdfString, type PdfValue } from '../objects.ts'

/** A CMap as a font holds it (ISO 32000-2, 9.7.5 and 9.10.3): from codes of one to four bytes to text, or to glyphs. */
export interface CharacterMap {
  /** How many bytes the code at an offset has, 0 where none of the code spaces fits. */
  codeLength(bytes: Uint8Array, at: number): number
  /** The text of a code (`bfchar`, `bfrange`). */
  text(code: number, length: number): string | null
  /** The glyph of a code (`cidchar`, `cidrange`). */
  glyph(code: number, length: number): number | null
}

interface CodeRange {
  readonly length: number
  readonly low: number
  readonly high: number
}

interface TextRange extends CodeRange {
  /** UTF-16 of the first code; the last unit counts on. */
  readonly text: readonly number[] | null
  readonly glyph: number
}

/** Entries of one map: some more than there are codes of two bytes. */
const MOST_ENTRIES = 100_000
const LONGEST_TEXT = 64
const MOST_SPACES = 64

const keyOf = (code: number, length: number): number => length * 2 ** 32 + code

/**
 * Reads a CMap.
 *
 * @returns null where it holds what is not understood here: programs, or another map that it uses
 * @throws PadesError as the syntax reader; PADES_LIMIT_EXCEEDED
 */
export function readCharacterMap(data: Uint8Array, budget: Budget): CharacterMap | null {
  const spaces: CodeRange[] = []
  const single = new Map<number, Omit<TextRange, keyof CodeRange>>()
  const ranges: TextRange[] = []
  let isUnderstood = true
  const add = (range: TextRange): void => {
    budget.work(16)
    if (single.size + ranges.length >= MOST_ENTRIES) isUnderstood = false
    else if (range.low === range.high) single.set(keyOf(range.low, range.length), range)
    else ranges.push(range)
  }
  const isRead = readOperators(data, budget, (operator, operands) => {
    if (operator === 'usecmap') isUnderstood = false
    const step = steps[operator]
    if (step === undefined) return
    for (let i = 0; i + step.arity <= operands.length; i += step.arity) {
      const range = codeRange(operands[i], operands[i + (step.isSingle ? 0 : 1)])
      if (range === null) isUnderstood = false
      else if (step.to === 'space') spaces.push(range)
      else for (const one of targets(range, operands[i + step.arity - 1], step.to)) add(one)
    }
  })
  if (!isRead || !isUnderstood || spaces.length > MOST_SPACES) return null
  const find = (code: number, length: number): Omit<TextRange, 'length' | 'high'> | null => {
    const one = single.get(keyOf(code, length))
    if (one !== undefined) return { ...one, low: code }
    budget.work(ranges.length)
    return ranges.find((range) => range.length === length && code >= range.low && code <= range.high) ?? null
  }
  return {
    codeLength: (bytes, at) => codeLength(spaces, bytes, at),
    text(code, length) {
      const found = find(code, length)
      if (found === null || found.text === null) return null
      const units = [...found.text]
      units[units.length - 1] = units.at(-1)! + code - found.low
      return String.fromCharCode(...units)
    },
    glyph(code, length) {
      const found = find(code, length)
      return found === null || found.text !== null ? null : found.glyph + code - found.low
    },
  }
}

interface Step {
  readonly arity: number
  readonly isSingle: boolean
  readonly to: 'space' | 'text' | 'glyph'
}

const steps: Readonly<Record<string, Step>> = Object.assign(Object.create(null), {
  endcodespacerange: { arity: 2, isSingle: false, to: 'space' },
  endbfchar: { arity: 2, isSingle: true, to: 'text' },
  endbfrange: { arity: 3, isSingle: false, to: 'text' },
  endcidchar: { arity: 2, isSingle: true, to: 'glyph' },
  endcidrange: { arity: 3, isSingle: false, to: 'glyph' },
})

function codeRange(low: PdfValue | undefined, high: PdfValue | undefined): CodeRange | null {
  if (!isString(low) || !isString(high) || low.bytes.length !== high.bytes.length) return null
  const { length } = low.bytes
  if (length < 1 || length > 4) return null
  const range = { length, low: numberIn(low), high: numberIn(high) }
  return range.low <= range.high ? range : null
}

const numberIn = ({ bytes }: PdfString): number => bytes.reduce((value, byte) => value * 256 + byte, 0)

/** What the codes of a range become: one text counted on, or a text for each. Something else is nothing. */
function targets(range: CodeRange, to: PdfValue | undefined, kind: 'text' | 'glyph'): TextRange[] {
  if (kind === 'glyph') return typeof to === 'number' && to >= 0 ? [{ ...range, text: null, glyph: to }] : []
  if (isString(to)) {
    const text = unitsOf(to)
    return text === null ? [] : [{ ...range, text, glyph: -1 }]
  }
  if (!isArray(to)) return []
  return to.items.slice(0, range.high - range.low + 1).flatMap((item, index) => {
    const text = isString(item) ? unitsOf(item) : null
    const code = range.low + index
    return text === null ? [] : [{ length: range.length, low: code, high: code, text, glyph: -1 }]
  })
}

/** UTF-16BE. A map to nothing says nothing. */
function unitsOf({ bytes }: PdfString): number[] | null {
  if (bytes.length === 1) return [bytes[0]!]
  if (bytes.length === 0 || bytes.length % 2 !== 0 || bytes.length > LONGEST_TEXT) return null
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i]! * 256 + bytes[2 * i + 1]!)
}

/** A code lies in a code space when each of its bytes lies between those of its ends (9.7.6.2). */
function codeLength(spaces: readonly CodeRange[], bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (spaces.some((space) => space.length === length && isWithin(space, bytes, at))) return length
  }
  return 0
}

function isWithin({ length, low, high }: CodeRange, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < length; i++) {
    const scale = 256 ** (length - 1 - i)
    const byte = bytes[at + i]!
    if (byte < Math.floor(low / scale) % 256 || byte > Math.floor(high / scale) % 256) return false
  }
  return true
}
