import { standsAt } from './cross-reference.ts'
import { isAnySpace } from './integers-before.ts'
import type { Budget } from './limits.ts'
import type { IndirectObject } from './objects.ts'

const [LF, CR, SPACE, NUMBER_SIGN, PERCENT, SOLIDUS] = [10, 13, 32, 0x23, 0x25, 0x2f]

/** Of every octet, whether it is one of these. */
const tableOf = (isOne: (byte: number) => boolean) => Uint8Array.from({ length: 256 }, (_, byte) => Number(isOne(byte)))

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
const isLineEnd = (byte: number | undefined): boolean => byte === LF || byte === CR
/** The white space that every reader takes for it everywhere; others forget NUL and form feed in one place or another. */
const isPlainSpace = (byte: number | undefined): boolean => byte === SPACE || byte === 9 || isLineEnd(byte)
const regular = tableOf((byte) => byte > SPACE && byte < 0x7f && !'()<>[]{}/%'.includes(String.fromCharCode(byte)))
const isRegular = (byte: number | undefined): boolean => byte !== undefined && regular[byte] === 1

/** A number that surely fits 32 bits: beyond, readers part ways. */
const NUMBER = /^-?(\d{1,9}|\d{0,9}\.\d{1,10})$/
const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'R'])

/**
 * Walks the text of objects, outside streams, token by token, as a second reader that knows nothing of the first, and answers the offset of
 * the first thing that readers are known to take differently: comments, white space but blanks, tabs and line ends, names that escape letters, hex
 * strings of anything but whole octets, literal strings with a CR or other escapes than the standard names, numbers of more than nine digits, names of more than a hundred letters, and an entry whose value is null (absent for some, an end of inheritance
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
    } else if (byte === SOLIDUS || isRegular(byte)) {
      while (at < end && isRegular(bytes[at])) at++
      if (!isPlainWord(bytes, start, at, words, open.at(-1) === 0x5b)) return start
    } else return start
    if (at < 0 || at > end) return start
  }
  return open.length === 0 ? null : end
}

const OBJECT_WORDS: ReadonlySet<string> = new Set(['obj', 'endobj', 'stream', 'endstream'])
/** In an object stream nothing stands beside values. */
export const NO_WORDS: ReadonlySet<string> = new Set()
/** What stands beside values in the trailer of a table. */
export const TRAILER_WORDS: ReadonlySet<string> = new Set(['trailer'])

/** `findOddOctet` for an object that lies in no object stream, but for the data of its own stream. */
export function findOddInObject(
  bytes: Uint8Array,
  { start, end, stream }: Pick<IndirectObject, 'start' | 'end' | 'stream'>,
  budget: Budget,
): number | null {
  if (stream === null) return findOddOctet(bytes, start, end, OBJECT_WORDS, budget)
  const at = stream.byteOffset - bytes.byteOffset
  return (
    findOddOctet(bytes, start, at, OBJECT_WORDS, budget) ??
    findOddOctet(bytes, at + stream.length, end, OBJECT_WORDS, budget)
  )
}

/** Names that are longer some readers cut off, and then take several for one (ISO 32000-1, annex C, allows 127 octets). */
const LONGEST_WORD = 101

function isPlainWord(
  bytes: Uint8Array,
  from: number,
  end: number,
  words: ReadonlySet<string>,
  isInArray: boolean,
): boolean {
  if (end - from > LONGEST_WORD) return false
  if (isUnescapedName(bytes, from, end) || isShortInteger(bytes, from, end)) return true
  const text = String.fromCharCode(...bytes.subarray(from, end))
  if (text.startsWith('/')) return hasPlainEscapes(text)
  if (text === 'null') return isInArray
  return NUMBER.test(text) || WORDS.has(text) || words.has(text)
}

function isUnescapedName(bytes: Uint8Array, from: number, end: number): boolean {
  if (bytes[from] !== SOLIDUS) return false
  for (let at = from; at < end; at++) if (bytes[at] === NUMBER_SIGN) return false
  return true
}

function isShortInteger(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from > 9) return false
  for (let at = from; at < end; at++) if (!isDigit(bytes[at])) return false
  return true
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

/** What may be escaped: of other characters readers make different things. A line that goes on is read alike by all. */
const escapes: ReadonlySet<number> = new Set(Array.from('nrtbf()\\\r\n', (character) => character.charCodeAt(0)))
const isOctal = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x37

/** Offset after the parenthesis that ends a literal string, or -1: also where it holds a CR, which the standard reads as LF and readers as it is. */
function endOfLiteral(bytes: Uint8Array, from: number, end: number): number {
  let depth = 1
  for (let at = from; at < end; at++) {
    if (bytes[at] === CR) return -1
    if (bytes[at] === 0x5c) {
      const escaped = bytes[++at]!
      if (isOctal(escaped)) {
        if (escaped > 0x33 && isOctal(bytes[at + 1]) && isOctal(bytes[at + 2])) return -1
      } else if (!escapes.has(escaped)) return -1
    } else if (bytes[at] === 0x28) depth++
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
const isEndobj = (bytes: Uint8Array, at: number): boolean => at >= 3 && standsAt(bytes, at - 3, 'end')

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

/** Of the octets by which words of structure begin, the one that follows; else 0. */
const secondOctet = new Uint8Array(256)
for (const [first, second] of ['en', 'ob', 'st', 'tr', 'xr', '%%', '/X'])
  secondOctet[first!.charCodeAt(0)] = second!.charCodeAt(0)

/** Counts the words of structure in octets, whatever they stand in: streams, strings and comments too. */
export function countStructureWords(bytes: Uint8Array, from: number, end: number, budget: Budget): StructureWords {
  budget.work((end - from) * 2)
  const counts = { objects: 0, endobj: 0, endstream: 0, startxref: 0, trailer: 0, xref: 0, eof: 0, xrefStreams: 0 }
  const has = (at: number, word: string): number => (at + word.length <= end && standsAt(bytes, at, word) ? 1 : 0)
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (secondOctet[byte] === 0 || secondOctet[byte] !== bytes[at + 1]) continue
    if (byte === 0x65) {
      counts.endobj += has(at, 'endobj')
      counts.endstream += has(at, 'endstream')
    } else if (byte === 0x6f && has(at, 'obj')) {
      if (!isEndobj(bytes, at) && beginsObject(bytes, at, budget)) counts.objects++
    }
    if (byte === 0x73) counts.startxref += has(at, 'startxref')
    else if (byte === 0x74) counts.trailer += has(at, 'trailer')
    else if (byte === 0x78) counts.xref += isAnySpace(bytes[at - 1]) ? has(at, 'xref') : 0
    else if (byte === PERCENT) counts.eof += has(at, '%%EOF')
    else if (byte === SOLIDUS) counts.xrefStreams += has(at, '/XRef')
  }
  return counts
}

/** The head of an object as nearly all are written; what is looked for beyond would say the same. */
const PLAIN_HEAD = /\d \d{1,5} $/
const LONGEST_PLAIN_HEAD = 8

/**
 * Whether two integers stand before, with anything but letters between and behind: readers differ in what they take for white space, and pass
 * over stray marks. White space may be of any length, and a comment between counts as nothing; of a line whose beginning is beyond what is
 * looked at, the worst is thought: that it is a comment behind two integers.
 */
export function beginsObject(bytes: Uint8Array, word: number, budget: Budget): boolean {
  const before = Math.max(0, word - LONGEST_PLAIN_HEAD)
  if (PLAIN_HEAD.test(String.fromCharCode(...bytes.subarray(before, word)))) return true
  let from = word
  for (let marks = 0; from > 0 && marks < LONGEST_LOOK; from--) if (!isAnySpace(bytes[from - 1])) marks++
  budget.work(2 * (word - from))
  let state = NOTHING
  /** The same where what stood behind a `%` until the end of its line was a comment. */
  let besides = NOTHING
  let beforeComment: Numbers | null = from > 0 ? TWO : null
  for (let at = from; at < word; at++) {
    const byte = bytes[at]!
    if (isLineEnd(byte)) {
      if (beforeComment !== null) besides = beforeComment
      beforeComment = null
    } else if (byte === PERCENT) beforeComment ??= state.groups >= besides.groups ? state : besides
    state = after(state, byte)
    besides = after(besides, byte)
  }
  return state.groups === 2 || besides.groups === 2
}

/** How many integers were seen last, two at most, and how far back the last of them ends. */
interface Numbers {
  readonly groups: 0 | 1 | 2
  readonly gap: number
}
const NOTHING: Numbers = { groups: 0, gap: 0 }
const TWO: Numbers = { groups: 2, gap: 1 }
const LONGEST_GAP = 16

function after(state: Numbers, byte: number): Numbers {
  if (isDigit(byte)) {
    const isNew = state.groups === 0 || state.gap > 0
    if (!isNew) return state
    return { groups: state.groups === 0 ? 1 : 2, gap: 0 }
  }
  if (state.groups === 0) return NOTHING
  if (isAnySpace(byte)) return state.gap > 0 ? state : { groups: state.groups, gap: 1 }
  const isLetter = (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
  return isLetter || state.gap >= LONGEST_GAP ? NOTHING : { groups: state.groups, gap: state.gap + 1 }
}
