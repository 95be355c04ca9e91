import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'
import { isDictionary } from './objects.ts'
import { hexPair } from './string-token.ts'
import { SyntaxReader } from './syntax.ts'

/** Where the word would stand, but for a first object that is longer, or cannot be read: then it may be anywhere. */
const LOOKED_AT = 8192
/** A first object that is longer counts as one that cannot be read. */
const LONGEST_FIRST = 65_536
/** Some readers take up the first object at a fixed offset, whatever the line of the header still says there. */
const LONGEST_HEADER = 64

/**
 * The length of file for which a file says that it is linearized (ISO 32000-2, F.3.3), or null. Where it is the length of the file some
 * readers begin with the cross-reference at its beginning, and see nothing of what was appended. NaN where it says so and the length cannot
 * be told for certain: readers forgive in that one dictionary what they forgive anywhere.
 *
 * @param from where the header stands
 */
export function linearizedLength(bytes: Uint8Array, from: number, budget: Budget): number | null {
  const first = readFirstObject(bytes, from, budget)
  const end = Math.max(first?.end ?? bytes.length, Math.min(bytes.length, from + LOOKED_AT))
  budget.work(end - from)
  if (!bytes.subarray(from, Math.min(end, from + LONGEST_HEADER)).some((byte) => byte === 10 || byte === 13))
    return Number.NaN
  const count = countWord(bytes, from, end)
  if (count === 0) return null
  return count === 1 && first?.length !== undefined ? first.length : Number.NaN
}

/** Where the first object's value ends, and the length that it gives as a linearization dictionary; null where it cannot be read. */
function readFirstObject(
  bytes: Uint8Array,
  from: number,
  budget: Budget,
): { readonly end: number; readonly length: number | undefined } | null {
  const reader = new SyntaxReader(bytes, from, Math.min(bytes.length, from + LONGEST_FIRST), budget)
  try {
    for (let i = 0; i < 2; i++) {
      reader.skipWhite()
      if (reader.takeInteger() < 0) return null
    }
    reader.skipWhite()
    if (!reader.takeKeyword('obj')) return null
    const value = reader.readValue()
    const length = isDictionary(value) && value.entries.has('Linearized') ? value.entries.get('L') : undefined
    return { end: reader.position, length: typeof length === 'number' ? length : undefined }
  } catch (error) {
    if (error instanceof PadesError && error.code !== 'PADES_LIMIT_EXCEEDED') return null
    throw error
  }
}

const WORD = Array.from('Linearized', (letter) => letter.charCodeAt(0))
const NUMBER_SIGN = 0x23

/** How often the key's name stands there, however it is escaped, in whatever. */
function countWord(bytes: Uint8Array, from: number, end: number): number {
  let count = 0
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if ((byte === WORD[0] || byte === NUMBER_SIGN) && isWord(bytes, at, end)) count++
  }
  return count
}

function isWord(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from
  for (const letter of WORD) {
    if (at < end && bytes[at] === letter) at++
    else if (at + 2 < end && bytes[at] === NUMBER_SIGN && hexPair(bytes[at + 1]!, bytes[at + 2]!) === letter) at += 3
    else return false
  }
  return true
}
