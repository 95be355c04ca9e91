/** Where the visible seal stands, in points from the lower left corner of the page. */
export interface SealPlace {
  /** From 0. */
  readonly page: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What is drawn: a content stream in its own coordinates, shown scaled so that `bbox` fills the place. */
export interface SealAppearance {
  /** PDF operators, plain or, with `deflated`, as a zlib stream. */
  readonly content: Uint8Array
  readonly bbox: readonly [x0: number, y0: number, x1: number, y1: number]
  readonly deflated?: boolean
  /** A resource dictionary in PDF syntax; `<< >>` when left out. */
  readonly resources?: string
}

export interface SealOptions {
  /** Name of the new signature field; no field of the document may have it. No full stop (it separates names). */
  readonly field: string
  readonly place: SealPlace
  readonly appearance: SealAppearance
  /** /Name: who seals. */
  readonly name: string
  readonly reason?: string
  /** Written as /M with the offset of Beijing, +08:00. */
  readonly signedAt: Date
  /** Certifies the document: 1 nothing may change, 2 only forms may be filled and signed. Left out: an approval signature. */
  readonly docMdp?: 1 | 2
}

export interface PrepareSealOptions extends SealOptions {
  /** Bytes to reserve for the CMS. */
  readonly contentsLength: number
}

/** A document that waits for its CMS. `bytes` belongs to whoever holds the prepared seal; `embedCms` writes into it. */
export interface PreparedSeal {
  readonly bytes: Uint8Array
  /** /ByteRange as written: offset and length of both signed stretches. */
  readonly byteRange: readonly [0, number, number, number]
  /** SHA-256 of both signed stretches; 32 bytes. */
  digest(): Uint8Array
}
