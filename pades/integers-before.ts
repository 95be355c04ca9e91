import { isWhite } from './syntax.ts'

/** Two integers that stand before a word: the first, and where that begins. */
export interface IntegersBefore {
  readonly number: number
  readonly start: number
}

const ZERO = 0x30
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9

/** What any reader takes for white space: beside that of ISO 32000-2, table 1, what C (VT) and JavaScript (NEL, NBSP) call so. */
export const isAnySpace = (byte: number | undefined): boolean =>
  isWhite(byte) || byte === 0x0b || byte === 0x85 || byte === 0xa0

/** The integers before the word at this offset, as in `4 0 obj` and `4 0 R`, with white space of any length between; null where there are none. */
export function integersBefore(bytes: Uint8Array, word: number): IntegersBefore | null {
  const secondEnd = backOver(bytes, word, isAnySpace)
  const second = backOver(bytes, secondEnd, isDigit)
  const firstEnd = backOver(bytes, second, isAnySpace)
  const start = backOver(bytes, firstEnd, isDigit)
  if (second === secondEnd || firstEnd === second || start === firstEnd) return null
  let number = 0
  for (let at = start; at < firstEnd; at++) number = number * 10 + bytes[at]! - ZERO
  return { number, start }
}

function backOver(bytes: Uint8Array, end: number, isOne: (byte: number | undefined) => boolean): number {
  let at = end
  while (at > 0 && isOne(bytes[at - 1])) at--
  return at
}
