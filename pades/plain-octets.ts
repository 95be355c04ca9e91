import { standsAt } from './cross-reference.ts'
import type { Budget } from './limits.ts'

const [LF, CR, SPACE, PERCENT] = [10, 13, 32, 0x25]

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
const isLineEnd = (byte: number | undefined): boolean => byte === LF || byte === CR
/** The white space that every reader takes for it everywhere; others forget NUL and form feed in one place or another. */
const isPlainSpace = (byte: number | undefined): boolean => byte === SPACE || byte === 9 || isLineEnd(byte)
/** What any reader may take for white space (ISO 32000-2, table 1). */
const isAnySpace = (byte: number | undefined): boolean => isPlainSpace(byte) || byte === 0 || byte === 12
const isRegular = (byte: number | undefined): boolean =>
  byte !== undefined && byte > SPACE && byte < 0x7f && !'()<>[]{}/%'.includes(String.fromCharCode(byte))

/** A number that fits 32 bits: beyond, readers part ways. */
const NUMBER = /^-?(\d{1,10}|\d{0,10}\.\d{1,10})$/
const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'R'])

/**
 * Walks the text of objects, outside streams, token by token, as a second reader that knows nothing of the first, and answers the offset of
 * the first thing that readers are known to take differently: comments, white space but blanks, tabs and line ends, names that escape letters, hex
 * strings of anything but whole octets, numbers beyond 32 bits, and an entry whose value is null (absent for some, an end of inheritance
 * for others). Null where all is plain.
 *
 * @param words what may stand there beside values: `obj`, `endobj`, …
 */
export function findOddOctet(
  bytes: Uint8Array,
  from: number,
  end: number,
  words: ReadonlySet<string>,
  budget: Budget,
): number | null {
  budget.work(end - from)
  /** The brackets that are open. */
  const open: number[] = []
  let at = from
  while (at < end) {
    const start = at
    const byte = bytes[at++]!
    if (isPlainSpace(byte)) continue
    if (byte === 0x28) at = endOfLiteral(bytes, at, end)
    else if (byte === 0x3c && bytes[at] !== 0x3c) at = endOfHex(bytes, at, end)
    else if (byte === 0x3c || byte === 0x5b) {
      open.push(byte)
      if (byte === 0x3c) at++
    } else if (byte === 0x3e || byte === 0x5d) {
      if (open.pop() !== (byte === 0x3e ? 0x3c : 0x5b)) return start
      if (byte === 0x3e && bytes[at++] !== 0x3e) return start
    } else if (byte === 0x2f || isRegular(byte)) {
      while (at < end && isRegular(bytes[at])) at++
      if (!isPlainWord(bytes, start, at, words, open.at(-1) === 0x5b)) return start
    } else return start
    if (at < 0 || at > end) return start
  }
  return open.length === 0 ? null : end
}

function isPlainWord(
  bytes: Uint8Array,
  from: number,
  end: number,
  words: ReadonlySet<string>,
  isInArray: boolean,
): boolean {
  if (end - from > 256) return false
  const text = String.fromCharCode(...bytes.subarray(from, end))
  if (text.startsWith('/')) return hasPlainEscapes(text)
  if (text === 'null') return isInArray
  return NUMBER.test(text) || WORDS.has(text) || words.has(text)
}

/** Escaped is what has to be: a name that escapes letters is one that some readers do not know again. */
const hasPlainEscapes = (name: string): boolean =>
  name
    .split('#')
    .slice(1)
    .every((rest) => {
      const code = /^[0-9A-Fa-f]{2}/.exec(rest)?.[0]
      return code !== undefined && code !== '00' && (code === '23' || !isRegular(Number.parseInt(code, 16)))
    })

/** Offset after the parenthesis that ends a literal string, or -1. */
function endOfLiteral(bytes: Uint8Array, from: number, end: number): number {
  let depth = 1
  for (let at = from; at < end; at++) {
    if (bytes[at] === 0x5c) at++
    else if (bytes[at] === 0x28) depth++
    else if (bytes[at] === 0x29 && --depth === 0) return at + 1
  }
  return -1
}

function endOfHex(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && isHex(bytes[at]!)) at++
  return bytes[at] === 0x3e && (at - from) % 2 === 0 ? at + 1 : -1
}

const LONGEST_LOOK = 512

/** What makes the structure of a file. Whoever has to rebuild a broken file looks for these words, wherever they stand. */
export interface StructureWords {
  /** `obj` behind two integers. */
  readonly objects: number
  readonly endobj: number
  readonly endstream: number
  readonly startxref: number
  readonly trailer: number
  readonly xref: number
  readonly eof: number
  readonly xrefStreams: number
}

/** Counts the words of structure in octets, whatever they stand in: streams, strings and comments too. */
export function countStructureWords(bytes: Uint8Array, from: number, end: number, budget: Budget): StructureWords {
  budget.work((end - from) * 2)
  const counts = { objects: 0, endobj: 0, endstream: 0, startxref: 0, trailer: 0, xref: 0, eof: 0, xrefStreams: 0 }
  const has = (at: number, word: string): number => (at + word.length <= end && standsAt(bytes, at, word) ? 1 : 0)
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === 0x65) {
      counts.endobj += has(at, 'endobj')
      counts.endstream += has(at, 'endstream')
    } else if (byte === 0x6f) counts.objects += has(at, 'obj') && beginsObject(bytes, at) ? 1 : 0
    else if (byte === 0x73) counts.startxref += has(at, 'startxref')
    else if (byte === 0x74) counts.trailer += has(at, 'trailer')
    else if (byte === 0x78) counts.xref += isAnySpace(bytes[at - 1]) ? has(at, 'xref') : 0
    else if (byte === PERCENT) counts.eof += has(at, '%%EOF')
    else if (byte === 0x2f) counts.xrefStreams += has(at, '/XRef')
  }
  return counts
}

/** Whether two integers stand before, as readers look for them: white space or comments between. Of comments the line before tells. */
function beginsObject(bytes: Uint8Array, word: number): boolean {
  const backOverSpace = (from: number): number => {
    let at = from
    while (at >= 0 && isAnySpace(bytes[at])) at--
    return at
  }
  const last = backOverSpace(word - 1)
  if (last < word - 1 && endsComment(bytes, last)) return true
  if (!isDigit(bytes[last])) return false
  let at = last
  while (isDigit(bytes[at])) at--
  const before = backOverSpace(at)
  return before < at && (isDigit(bytes[before]) || endsComment(bytes, before))
}

/**
 * Whether the line that ends here may end in a comment which stands alone or behind a number; of a very long line the worst is thought. It may
 * as well be the middle of a stream or string: any `%` of it may begin the comment.
 */
function endsComment(bytes: Uint8Array, end: number): boolean {
  let start = end
  while (start > 0 && !isLineEnd(bytes[start - 1])) if (end - start-- > LONGEST_LOOK) return true
  let before = LF
  for (let at = start; at <= end; at++) {
    const byte = bytes[at]!
    if (byte === PERCENT && (isLineEnd(before) || isDigit(before))) return true
    if (!isAnySpace(byte)) before = byte
  }
  return false
}
