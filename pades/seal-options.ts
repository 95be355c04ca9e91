/** Where the visible seal stands, in points from the lower left corner of the page. */
export interface SealPlace {
  /** From 0. */
  readonly page: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Where the picture stands on a page as it is shown: upright for whoever looks, in points of 1/72 inch from the lower left corner of
 * what is shown (/CropBox, /Rotate and /UserUnit are heeded).
 */
export interface SealMark extends SealPlace {
  /**
   * The upright strip of the picture that is drawn, in shares of its width from the left: what each page of a straddle seal (骑缝章)
   * bears. The place is that of the whole picture, of which the rest may lie outside the page. All of it when left out.
   */
  readonly strip?: readonly [from: number, to: number]
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

/**
 * What a field's signature locks: every field that there is when it is prepared, and the document, in which nothing may change after
 * it (ISO 32000-2, 12.7.5.5). The fields are written by name, since some readers take the field of a later document time stamp for
 * a breach of the action All.
 */
export interface FieldLock {
  readonly action: 'All'
  readonly permission: 1
}

/** An empty signature field, made by the first seal for a later one. */
export interface PreparedField {
  /** No field of the document may have this name. No full stop. */
  readonly field: string
  /** Beside `marks` as they are: as shown. */
  readonly place: SealPlace
  /** For the last seal. */
  readonly lock?: FieldLock
}

export interface SealOptions {
  /** Name of the signature field: an empty one of the document, which is filled, or a new one. No full stop in a new name. */
  readonly field: string
  /** Of a new field. One that is filled stands where it was prepared, whatever is said here. */
  readonly place?: SealPlace
  /**
   * In place of `place`: everywhere that the seal stands, on a document without signatures. The new field stands at the first one,
   * the others are drawn on their pages, all with one picture and under one signature.
   */
  readonly marks?: readonly SealMark[]
  readonly appearance: SealAppearance
  /** /Name: who seals. */
  readonly name: string
  readonly reason?: string
  /** Written as /M with the offset of Beijing, +08:00. */
  readonly signedAt: Date
  /** Certifies the document: 1 nothing may change, 2 only forms may be filled and signed. Left out: an approval signature. */
  readonly docMdp?: 1 | 2
  /** Fields for the seals that follow; only with `docMdp` 2. */
  readonly preparedFields?: readonly PreparedField[]
  /** /SubFilter; `ETSI.CAdES.detached` when left out, the only one of PAdES. */
  readonly subFilter?: string
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
  /** Digest of both signed stretches, SHA-256 when left out. */
  digest(algorithm?: 'SHA-256' | 'SM3'): Uint8Array
  /** The signed bytes that follow the document as it was before, for whoever has digested that already. */
  signedAddition(): Uint8Array
}
