import { checkTag, malformed } from './reader.ts'

/**
 * Reads headers one after another without making objects, for lists of millions of elements. Same rules as `parseDer`: definite, minimal
 * lengths, within the container.
 */
export class DerCursor {
  readonly source: Uint8Array
  tag = 0
  start = 0
  contentStart = 0
  end = 0

  constructor(source: Uint8Array) {
    this.source = source
  }

  /** Reads the header of the element at `at`, which must end by `limit`; throws `DER_MALFORMED`. */
  read(at: number, limit: number): void {
    const { source } = this
    if (limit - at < 2) throw malformed(at, 'element cut off')
    const tag = source[at]!
    checkTag(tag, at)
    let contentStart = at + 2
    let length = source[at + 1]!
    if (length >= 0x80) {
      const octets = length & 0x7f
      if (octets === 0) throw malformed(at, 'indefinite length')
      if (octets > 4) throw malformed(at, 'length of more than four octets')
      if (limit - contentStart < octets) throw malformed(at, 'length cut off')
      length = 0
      for (let i = 0; i < octets; i++) length = length * 256 + source[contentStart + i]!
      if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw malformed(at, 'length is not minimal')
      contentStart += octets
    }
    if (contentStart + length > limit) throw malformed(at, 'content ends beyond its container')
    this.tag = tag
    this.start = at
    this.contentStart = contentStart
    this.end = contentStart + length
  }

  /** Header and content of the element last read. */
  get raw(): Uint8Array {
    return this.source.subarray(this.start, this.end)
  }
}
