import type { Budget } from './limits.ts'
import { isArray, nameOf, type PdfValue } from './objects.ts'
import { hasOwnOperands, isOperator } from './operands.ts'
import { isWhite, latin1, SyntaxReader } from './syntax.ts'

/**
 * What to do about an inline image: `stop` reading at it, or `skip` it where its end can be found. `plain` stops there and at whatever readers
 * take in ways of their own: operators that do not exist or have other operands than they take, tokens that touch, comments, odd numbers.
 */
export type Reading = 'stop' | 'skip' | 'plain'

/**
 * Calls `visit` for every operator of a content stream (ISO 32000-2, 7.8.2) with its operands. An inline image comes as the operator
 * `BI`; with `stop` it ends the reading, since where its data end only a decoder knows.
 *
 * @returns whether everything was read
 * @throws PadesError as the syntax reader
 */
export function readOperators(
  data: Uint8Array,
  budget: Budget,
  visit: (operator: string, operands: readonly PdfValue[]) => void,
  reading: Reading = 'stop',
): boolean {
  const reader = new SyntaxReader(data, 0, data.length, budget)
  let operands: PdfValue[] = []
  for (;;) {
    if (reading === 'plain' && !startsPlainly(data, reader)) return false
    reader.skipWhite()
    if (reader.position >= data.length) return operands.length === 0
    if (startsOperand(data[reader.position]!) || !isRegular(data[reader.position]!) || isWord(data, reader.position)) {
      operands.push(reader.readValue())
      continue
    }
    const operator = takeOperator(data, reader)
    if (reading === 'plain' && !hasOwnOperands(operator, operands)) return false
    visit(operator, operands)
    budget.work(8)
    if (operator === 'BI' && (reading !== 'skip' || !skipInlineImage(data, reader, budget))) return false
    operands = []
  }
}

/** As every writer writes them, and none so large that it overflows anywhere. */
const PLAIN_NUMBER = /^[+-]?(?:\d{1,9}(?:\.\d{0,12})?|\.\d{1,12})$/
const LONGEST_NUMBER = 24

/** A comment that ends with its line for every reader, or with the content. */
const PLAIN_COMMENT = /^%[\t -~]{0,200}(?:\r?\n|$)/

/** Whether what comes next is no comment and no number in an odd form; steps over white space and plain comments. */
function startsPlainly(data: Uint8Array, reader: SyntaxReader): boolean {
  for (;;) {
    while (reader.position < data.length && isWhite(data[reader.position]!)) reader.position++
    if (data[reader.position] !== 0x25) break
    const comment = PLAIN_COMMENT.exec(latin1(data, reader.position, Math.min(reader.position + 256, data.length)))
    if (comment === null) return false
    reader.position += comment[0].length
  }
  const from = reader.position
  if (from >= data.length || !startsOperand(data[from]!)) return true
  let end = from
  while (end < data.length && isRegular(data[end]!) && end - from <= LONGEST_NUMBER) end++
  return PLAIN_NUMBER.test(latin1(data, from, end))
}

/** Of content streams, and of the CMaps that are read as they are. */
const LONGEST_OPERATOR = 24

function takeOperator(data: Uint8Array, reader: SyntaxReader): string {
  const from = reader.position
  while (
    reader.position < data.length &&
    isRegular(data[reader.position]!) &&
    reader.position - from < LONGEST_OPERATOR
  ) {
    reader.position++
  }
  return latin1(data, from, reader.position)
}

const delimiters = new Set([...'()<>[]{}/%'].map((character) => character.charCodeAt(0)))
const isRegular = (byte: number): boolean => !isWhite(byte) && !delimiters.has(byte)

/** Digits, signs, points. */
const startsOperand = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e

/** `true`, `false` and `null` are operands. */
function isWord(data: Uint8Array, at: number): boolean {
  const text = latin1(data, at, Math.min(at + 6, data.length))
  return /^(true|false|null)(?![^\s()<>[\]{}/%])/.test(text)
}

/** Operators read behind a possible end of an image. */
const CHECKED = 12
/** Possible ends that are looked at. */
const MOST_ENDS = 256

/** Steps over the entries and data of an inline image (8.9.7); false where its end is not certain. */
function skipInlineImage(data: Uint8Array, reader: SyntaxReader, budget: Budget): boolean {
  const entries = new Map<string, PdfValue>()
  for (;;) {
    reader.skipWhite()
    if (reader.takeKeyword('ID')) break
    const key = nameOf(reader.readValue())
    if (key === null || entries.has(key)) return false
    entries.set(key, reader.readValue())
  }
  const from = reader.position + 1
  const exact = exactLength(entries)
  if (exact !== null) {
    const end = from + exact
    if (end > data.length) return false
    reader.position = end
    reader.skipWhite()
    return reader.takeKeyword('EI')
  }
  let at = from
  for (let tries = 0; tries < MOST_ENDS; tries++) {
    at = data.indexOf(0x45, at)
    if (at < 0) return false
    budget.work(at - from > 0 ? 16 : 1)
    const isEnd = data[at + 1] === 0x49 && isWhite(data[at - 1]) && (at + 2 >= data.length || isWhite(data[at + 2]))
    if (isEnd && continues(data, at + 2, budget)) {
      budget.work(at - from)
      reader.position = at + 2
      return true
    }
    if (!isEnd) tries--
    at++
  }
  return false
}

/** Bytes of an image that no filter compresses; null for any other. */
function exactLength(entries: ReadonlyMap<string, PdfValue>): number | null {
  const of = (short: string, long: string): PdfValue => entries.get(short) ?? entries.get(long) ?? null
  const length = of('L', 'Length')
  if (typeof length === 'number' && length >= 0) return length
  const filter = of('F', 'Filter')
  if (filter !== null && !(isArray(filter) && filter.items.length === 0)) return null
  const [width, height] = [of('W', 'Width'), of('H', 'Height')]
  const isMask = of('IM', 'ImageMask') === true
  const bits = isMask ? 1 : of('BPC', 'BitsPerComponent')
  const space = of('CS', 'ColorSpace')
  const components = isMask ? 1 : (componentsOf.get(nameOf(space) ?? '') ?? (isArray(space) ? 1 : null))
  if (typeof width !== 'number' || typeof height !== 'number' || typeof bits !== 'number' || components === null)
    return null
  return Math.ceil((width * bits * components) / 8) * height
}

const componentsOf: ReadonlyMap<string, number> = new Map([
  ['G', 1],
  ['DeviceGray', 1],
  ['RGB', 3],
  ['DeviceRGB', 3],
  ['CMYK', 4],
  ['DeviceCMYK', 4],
])

/** Whether what stands here reads as content: nothing more, or operators that exist. */
function continues(data: Uint8Array, from: number, budget: Budget): boolean {
  const reader = new SyntaxReader(data, from, data.length, budget)
  let operands = 0
  for (let count = 0; count < CHECKED; ) {
    reader.skipWhite()
    if (reader.position >= data.length) return true
    const byte = data[reader.position]!
    if (startsOperand(byte) || !isRegular(byte) || isWord(data, reader.position)) {
      if (++operands > 64) return false
      try {
        reader.readValue()
      } catch {
        return false
      }
      continue
    }
    // By operators that exist it is known that what follows an image is content again.
    if (!isOperator(takeOperator(data, reader))) return false
    operands = 0
    count++
  }
  return true
}
