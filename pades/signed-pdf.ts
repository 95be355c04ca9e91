import type { PadesErrorCode } from './errors.ts'
import type { ValidationData } from './validation-data.ts'

/** One incremental save: what it wrote, by object number. */
export interface Revision {
  /** Offset of its first byte; the end of the revision before it. */
  readonly start: number
  /** Offset after its last byte (after `%%EOF` and the end of that line). */
  readonly end: number
  readonly added: readonly number[]
  readonly replaced: readonly number[]
  readonly freed: readonly number[]
}

export type LaterChanges = 'none' | 'permitted' | 'not-permitted' | 'undecided'

/** A rectangle in the space of its page, in points: lower left and upper right corner. */
export type Rectangle = readonly [x0: number, y0: number, x1: number, y1: number]

/** One thing found out about what follows a signature. `detail` is an English sentence for people. */
export interface LaterChange {
  readonly verdict: 'permitted' | 'not-permitted' | 'undecided'
  readonly kind:
    | 'evidence-added'
    | 'document-time-stamp-added'
    | 'signature-added'
    | 'field-filled'
    | 'annotation-added'
    | 'annotation-changed'
    | 'annotation-removed'
    | 'metadata-changed'
    | 'end-of-line-added'
    | 'object-changed'
    | 'structure'
    | 'unreadable'
  /** Number of the object it is about, where it is about one. */
  readonly object: number | null
  /** Page (from 0) on which it shows; null where it shows on none, or on several. */
  readonly page: number | null
  /** Where on that page; null where it is about the page as a whole. */
  readonly rect: Rectangle | null
  readonly detail: string
}

/** Something in a document that was there when it was signed, and may mislead its readers. It weighs nothing by itself. */
export interface ContentRisk {
  readonly kind:
    | 'dynamic-form'
    | 'hidden-layer'
    | 'unused-page'
    | 'unused-content'
    | 'field-over-text'
    | 'invisible-text'
  readonly object: number | null
  readonly page: number | null
  readonly rect: Rectangle | null
  readonly detail: string
}

/** A signature or document time stamp as it lies in the file. Nothing here says that its CMS verifies. */
export interface PdfSignature {
  /** Fully qualified name of its field. */
  readonly field: string
  readonly type: 'signature' | 'document-time-stamp'
  /** `ETSI.CAdES.detached`, `adbe.pkcs7.detached`, `ETSI.RFC3161`, … as written. */
  readonly subFilter: string | null
  /** The CMS without the padding after it; null where /Contents does not begin with a complete BER value. */
  readonly contents: Uint8Array | null
  /** Why there is no CMS, as a sentence. */
  readonly contentsFault: string | null
  /** Whether all padding is zero, as it should be. It lies outside what is signed: anyone may have changed it. */
  readonly paddingIsZero: boolean
  readonly byteRange: 'ok' | 'bad'
  /** Why the byte range is bad, as a sentence. */
  readonly byteRangeFault: string | null
  /** The two signed stretches as [from, to); empty when the byte range is bad. */
  readonly signedRanges: readonly (readonly [from: number, to: number])[]
  /** End of the revision that is signed: where the second range ends; 0 when the byte range is bad. */
  readonly signedLength: number
  readonly coversWholeFile: boolean
  readonly laterChanges: LaterChanges
  readonly findings: readonly LaterChange[]
  /** DocMDP permission this signature itself certifies the document with (ISO 32000-2, 12.8.2.2). */
  readonly docMdp: 1 | 2 | 3 | null
  /** /Name, /Reason and /Location as the signer wrote them. */
  readonly name: string | null
  readonly reason: string | null
  readonly location: string | null
  /** /M, which only the signer says. */
  readonly claimedSigningTime: Date | null
  /** Page (from 0) on which the widget stands; null where it is on none. */
  readonly page: number | null
  /** The signed stretches as views of the file, for a digest; none when the byte range is bad. */
  signedParts(): readonly Uint8Array[]
  /** Copies the signed bytes into one array; empty when the byte range is bad. */
  signedBytes(): Uint8Array
}

export interface EmbeddedFile {
  /** /UF, else /F, of the file specification. */
  readonly name: string
  readonly bytes: Uint8Array
  /** /AFRelationship without its slash: `Data`, `Supplement`, … */
  readonly relationship: string | null
  /** /Subtype of the stream, such as `application/json`. */
  readonly mediaType: string | null
}

export type EmbeddedFiles =
  | { readonly ok: true; readonly files: readonly EmbeddedFile[] }
  | { readonly ok: false; readonly code: PadesErrorCode; readonly detail: string }

export interface SignedPdf {
  readonly ok: true
  /** Header version, such as `1.7`. */
  readonly version: string
  readonly pageCount: number
  /** Oldest first. */
  readonly revisions: readonly Revision[]
  /** In the order in which they were made (by signed length), those with a bad byte range last. */
  readonly signatures: readonly PdfSignature[]
  /**
   * Files embedded in the revision that a signature covers; without a signature, in the last revision.
   * Take what a seal vouches for (licence data) only from the seal's own revision.
   */
  embeddedFiles(signature?: PdfSignature): EmbeddedFiles
  /** XMP packet of the same revision, or null where there is none that can be read. */
  xmp(signature?: PdfSignature): Uint8Array | null
  /**
   * Evidence for long-term validation (DSS) in the last revision or, for a signature or document time stamp, in the revision that
   * it covers; null where there is none that can be read. Nobody vouches for any of it but the signatures inside it.
   */
  validationData(signature?: PdfSignature): ValidationData | null
  /** Whether there may be evidence in the same revision that cannot be read: beyond a limit, or in a broken store. */
  hasUnreadEvidence(signature?: PdfSignature): boolean
  /**
   * Names of the signature fields that nobody has signed, in the last revision: seals that are still to come. A document sealed
   * jointly that has one is not sealed by all, since what stood there before the last seals is a sound document too.
   */
  emptyFields(): readonly string[]
  /**
   * What may mislead the readers of the revision that a signature covers, though it was there when it was signed. Costs a look at
   * every page: ask where the document is not of one's own making. Nothing where it cannot be read.
   */
  contentRisks(signature?: PdfSignature): readonly ContentRisk[]
}

export interface UnreadablePdf {
  readonly ok: false
  readonly code: PadesErrorCode
  readonly detail: string
  /**
   * Where only the end of the file is broken: the newest revision before it that can be read. It says nothing about the whole, and
   * nothing of it is judged. Null where there is none.
   */
  readonly lastReadable: { readonly end: number; readonly signatures: readonly string[] } | null
}
