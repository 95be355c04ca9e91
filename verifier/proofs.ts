// Proofs of existence (EN 319 102-1 §5.6.2.3): what valid document time stamps say was there, and when.
import type { PdfSignature } from '../pades/read/index.ts'
import { primitives, type tsp } from '../pki/index.ts'
import type { DocumentReader } from './document-data.ts'

export interface Proofs {
  /** A document time stamp that was found valid. */
  add(stamp: PdfSignature, proven: tsp.ProvenTime): void
  /** The earliest time at which these octets are proven to have been in the document; the validation time when nothing proves more. */
  dataExistedAt(der: Uint8Array): Date
  /** The earliest time at which a signature or stamp of the document is proven to have been there; null when nothing proves it. */
  signatureExistedAt(signature: PdfSignature): Date | null
  /** The latest proven time of what a signature signs: it was made after that; null when nothing proves it. */
  signatureMadeAfter(signature: PdfSignature): Date | null
  /** Valid document time stamps over a signature, the earliest first. */
  stampsOver(signature: PdfSignature): readonly ProvenStamp[]
}

export interface ProvenStamp extends tsp.ProvenTime {
  readonly stamp: PdfSignature
}

/** Collects what the document time stamps of one document prove. */
export function createProofs(document: DocumentReader, at: Date): Proofs {
  const stamps: ProvenStamp[] = []
  const covered = new Map<PdfSignature, ReadonlySet<string>>()
  // Each stamp covers what those before it cover.
  const known = new WeakMap<Uint8Array, string>()
  const textOf = (der: Uint8Array): string => {
    let text = known.get(der)
    if (text === undefined) known.set(der, (text = primitives.mapKey(der)))
    return text
  }
  const textsUnder = (stamp: PdfSignature): ReadonlySet<string> => {
    const before = covered.get(stamp)
    if (before) return before
    const { certificates, crls, ocsps } = document.dataUnder(stamp)
    const texts = new Set([...certificates, ...crls, ...ocsps].map(({ value }) => textOf(value.raw)))
    covered.set(stamp, texts)
    return texts
  }
  const isOver = ({ stamp }: ProvenStamp, signature: PdfSignature) =>
    signature.byteRange === 'ok' && stamp.signedLength > signature.signedLength
  return {
    add(stamp, proven) {
      stamps.push({ stamp, ...proven })
      stamps.sort((a, b) => a.provenAt.getTime() - b.provenAt.getTime())
    },
    dataExistedAt(der) {
      const text = stamps.length > 0 ? textOf(der) : ''
      return stamps.find(({ stamp }) => textsUnder(stamp).has(text))?.provenAt ?? at
    },
    signatureExistedAt: (signature) => stamps.find((proven) => isOver(proven, signature))?.provenAt ?? null,
    signatureMadeAfter: (signature) =>
      stamps.findLast(({ stamp }) => stamp.signedLength < signature.signedLength)?.madeAfter ?? null,
    stampsOver: (signature) => stamps.filter((proven) => isOver(proven, signature)),
  }
}
