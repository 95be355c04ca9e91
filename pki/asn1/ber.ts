import { PkiError } from '../errors.ts'
import { concat } from './bytes.ts'
import { type DerLimits, defaultLimits, malformed } from './reader.ts'
import { encodeElement } from './writer.ts'

interface State {
  readonly source: Uint8Array
  readonly limits: DerLimits
  elements: number
}

interface Piece {
  readonly end: number
  readonly der: Uint8Array
  readonly tag: number
  readonly content: Uint8Array
}

/**
 * Rewrites one BER element as DER as far as its framing goes: definite minimal lengths, string types primitive. Foreign CMS only;
 * values and the order of sets stay as they are. Octets after the element are left alone: `length` says how many were read.
 */
export function berToDer(
  source: Uint8Array,
  limits: DerLimits = defaultLimits,
): { readonly der: Uint8Array; readonly length: number } {
  if (source.length > limits.maxSize) {
    throw new PkiError('DER_LIMIT_EXCEEDED', `expected at most ${limits.maxSize} octets, got ${source.length}`)
  }
  const piece = rewrite({ source, limits, elements: 0 }, 0, source.length, 0)
  return { der: piece.der, length: piece.end }
}

function rewrite(state: State, start: number, limit: number, depth: number): Piece {
  const { source, limits } = state
  if (++state.elements > limits.maxElements || depth > limits.maxDepth) {
    throw new PkiError('DER_LIMIT_EXCEEDED', 'too many or too deeply nested elements')
  }
  if (limit - start < 2) throw malformed(start, 'element cut off')
  const tag = source[start]!
  if ((tag & 0x1f) === 0x1f) throw malformed(start, 'tag number above 30')
  const { length, contentStart } = readLength(source, start, limit)
  if (length === null && (tag & 0x20) === 0) throw malformed(start, 'indefinite length of a primitive element')
  const bound = length === null ? limit : contentStart + length
  if (bound > limit) throw malformed(start, 'content ends beyond its container')
  if ((tag & 0x20) === 0) return piece(tag, source.subarray(contentStart, bound), bound)
  const children: Piece[] = []
  let at = contentStart
  while (length === null ? !isEndOfContents(source, at, limit) : at < bound) {
    const child = rewrite(state, at, bound, depth + 1)
    children.push(child)
    at = child.end
  }
  const end = length === null ? at + 2 : bound
  return isString(tag)
    ? joinString(tag & ~0x20, children, start, end)
    : piece(tag, concat(children.map((child) => child.der)), end)
}

function piece(tag: number, content: Uint8Array, end: number): Piece {
  return { tag, content, end, der: encodeElement(tag, content) }
}

function joinString(tag: number, children: readonly Piece[], start: number, end: number): Piece {
  if (tag === 0x03 || children.some((child) => child.tag !== tag)) throw malformed(start, 'string made of other types')
  return piece(tag, concat(children.map((child) => child.content)), end)
}

function isString(tag: number): boolean {
  if ((tag & 0xc0) !== 0) return false
  const number = tag & 0x1f
  return number === 0x03 || number === 0x04 || number === 0x0c || (number >= 0x12 && number <= 0x1e)
}

function isEndOfContents(source: Uint8Array, at: number, limit: number): boolean {
  if (at + 2 > limit) throw malformed(at, 'end-of-contents octets are missing')
  return source[at] === 0 && source[at + 1] === 0
}

function readLength(source: Uint8Array, start: number, limit: number): { length: number | null; contentStart: number } {
  const first = source[start + 1]!
  if (first < 0x80) return { length: first, contentStart: start + 2 }
  if (first === 0x80) return { length: null, contentStart: start + 2 }
  const octets = first & 0x7f
  if (octets > 8 || start + 2 + octets > limit) throw malformed(start, 'length cut off or too long')
  let length = 0
  for (let i = 0; i < octets; i++) length = length * 256 + source[start + 2 + i]!
  if (length > limit) throw malformed(start, 'content ends beyond its container')
  return { length, contentStart: start + 2 + octets }
}
