import { PkiError } from '../errors.ts'

/** Bounds for hostile input; a structure beyond them is refused with `DER_LIMIT_EXCEEDED`. */
export interface DerLimits {
  /** octets */
  readonly maxSize: number
  /** nested constructed elements */
  readonly maxDepth: number
  /** elements of all levels together */
  readonly maxElements: number
}

export const defaultLimits: DerLimits = { maxSize: 16 * 1024 * 1024, maxDepth: 40, maxElements: 200_000 }

/** Identifier octets of the types used here (constructed bit included where DER demands it). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
} as const

/** Identifier octet of a context-specific tag; `constructed` for EXPLICIT tags and IMPLICIT SEQUENCE or SET. */
export function contextTag(number: number, constructed: boolean): number {
  return 0x80 | (constructed ? 0x20 : 0) | number
}

/** One element with its exact place in the source; `tag` is the identifier octet (high tag numbers are refused). */
export class DerElement {
  readonly source: Uint8Array
  readonly tag: number
  readonly start: number
  readonly contentStart: number
  readonly end: number
  readonly children: readonly DerElement[]

  constructor(
    source: Uint8Array,
    tag: number,
    start: number,
    contentStart: number,
    end: number,
    children: readonly DerElement[],
  ) {
    this.source = source
    this.tag = tag
    this.start = start
    this.contentStart = contentStart
    this.end = end
    this.children = children
  }

  /** Header and content as they stand in the source (a view, not a copy). */
  get raw(): Uint8Array {
    return this.source.subarray(this.start, this.end)
  }

  /** Content octets (a view, not a copy). */
  get content(): Uint8Array {
    return this.source.subarray(this.contentStart, this.end)
  }
}

interface State {
  readonly source: Uint8Array
  readonly limits: DerLimits
  elements: number
}

const NO_CHILDREN: readonly DerElement[] = []

/**
 * Reads exactly one DER element and everything in it: definite, minimal lengths, no bytes after it, SEQUENCE and SET constructed,
 * every other universal type primitive (X.690 §10). Throws `DER_MALFORMED` or `DER_LIMIT_EXCEEDED`.
 */
export function parseDer(source: Uint8Array, limits: DerLimits = defaultLimits): DerElement {
  if (source.length > limits.maxSize) {
    throw new PkiError('DER_LIMIT_EXCEEDED', `expected at most ${limits.maxSize} octets, got ${source.length}`)
  }
  const state: State = { source, limits, elements: 0 }
  const element = readElement(state, 0, source.length, 0)
  if (element.end !== source.length)
    throw malformed(element.end, `${source.length - element.end} octets after the element`)
  return element
}

function readElement(state: State, start: number, limit: number, depth: number): DerElement {
  const { source, limits } = state
  if (++state.elements > limits.maxElements) {
    throw new PkiError('DER_LIMIT_EXCEEDED', `more than ${limits.maxElements} elements`)
  }
  if (depth > limits.maxDepth) throw new PkiError('DER_LIMIT_EXCEEDED', `nested deeper than ${limits.maxDepth}`)
  if (limit - start < 2) throw malformed(start, 'element cut off')
  const tag = source[start]!
  checkTag(tag, start)
  let contentStart = start + 2
  let length = source[start + 1]!
  if (length >= 0x80) {
    const octets = length & 0x7f
    if (octets === 0) throw malformed(start, 'indefinite length')
    if (octets > 4) throw malformed(start, 'length of more than four octets')
    if (limit - contentStart < octets) throw malformed(start, 'length cut off')
    length = 0
    for (let i = 0; i < octets; i++) length = length * 256 + source[contentStart + i]!
    if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw malformed(start, 'length is not minimal')
    contentStart += octets
  }
  const end = contentStart + length
  if (end > limit) throw malformed(start, `content ends ${end - limit} octets beyond its container`)
  if ((tag & 0x20) === 0) return new DerElement(source, tag, start, contentStart, end, NO_CHILDREN)
  const children: DerElement[] = []
  for (let at = contentStart; at < end; ) {
    const child = readElement(state, at, end, depth + 1)
    children.push(child)
    at = child.end
  }
  return new DerElement(source, tag, start, contentStart, end, children)
}

/** Throws `DER_MALFORMED` for an identifier octet that this profile of DER has not. */
export function checkTag(tag: number, at: number): void {
  if ((tag & 0x1f) === 0x1f) throw malformed(at, 'tag number above 30')
  if ((tag & 0xc0) !== 0) return
  const number = tag & 0x1f
  if (number === 0) throw malformed(at, 'end-of-contents octets')
  const mustBeConstructed = number === 0x10 || number === 0x11 || number === 0x08 || number === 0x0b
  if (mustBeConstructed !== ((tag & 0x20) !== 0)) {
    throw malformed(at, `universal type ${number} is ${mustBeConstructed ? 'primitive' : 'constructed'}`)
  }
}

/** A `DER_MALFORMED` naming the octet at which it was found. */
export function malformed(at: number, what: string): PkiError {
  return new PkiError('DER_MALFORMED', `octet ${at}: ${what}`)
}
