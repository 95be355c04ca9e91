// What a document brings along for its own validation: certificates, CRLs and OCSP responses of its DSS and of its CMS. What lay under a
// signature or stamp counts whatever later updates make of the DSS: nobody takes a revocation away that somebody has stamped.
import { allEvidence, type EmbeddedEvidence, type PdfSignature, type SignedPdf } from '../pades/read/index.ts'
import { primitives } from '../pki/index.ts'
import type { DataReader } from './revocation-data.ts'
import type { DocumentData } from './trust.ts'

/** Beyond this number of a kind nothing is looked at that no signature covers: honest documents hold a handful. */
const MOST_UNCOVERED = 256
/** Beyond this number nothing that one covers, the oldest first: a document that is renewed for decades holds some hundreds. */
const MOST_COVERED = 512
const LARGE = 16 * 1024

/** What came inside the CMS of a signature and of its time stamps, DER. */
export interface SignatureData {
  readonly signature: PdfSignature
  readonly data: EmbeddedEvidence
}

export interface DocumentReader {
  /** All that the document holds. */
  readonly data: DocumentData
  /** What a document time stamp covers. */
  dataUnder(stamp: PdfSignature): DocumentData
}

/** Evidence in the order in which it came to a document. */
export interface Layer {
  readonly evidence: readonly EmbeddedEvidence[]
  /** Whether there may be more of it, which cannot be read. */
  readonly isUnread: boolean
  /** How many octets of the file the signature covers under which it lies; null of what no signature covers. */
  readonly under: number | null
}

/** Evidence by the signatures that cover it, the oldest first: whatever is appended stands behind. Signatures that sign no revision cover none. */
export function layersOf(pdf: SignedPdf, inCms: readonly SignatureData[]): Layer[] {
  const storeUnder = (signature?: PdfSignature): EmbeddedEvidence[] => {
    const store = pdf.validationData(signature)
    return store ? [allEvidence(store)] : []
  }
  const layers: Layer[] = []
  let pending: EmbeddedEvidence[] = []
  const byLength = Map.groupBy(inCms, ({ signature }) =>
    signature.byteRange === 'ok' ? signature.signedLength : Number.POSITIVE_INFINITY,
  )
  for (const [under, group] of [...byLength].sort(([a], [b]) => a - b)) {
    const { signature } = group[0]!
    if (under !== Number.POSITIVE_INFINITY) {
      const evidence = [...pending, ...storeUnder(signature)]
      layers.push({ evidence, isUnread: pdf.hasUnreadEvidence(signature), under })
      pending = []
    }
    // A signature does not cover its own CMS.
    pending.push(...group.map(({ data }) => data))
  }
  layers.push({ evidence: [...pending, ...storeUnder()], isUnread: pdf.hasUnreadEvidence(), under: null })
  return layers
}

/** Reads the data of one document, each part once. */
export function createDocumentReader(
  pdf: SignedPdf,
  inCms: readonly SignatureData[],
  reader: DataReader,
): DocumentReader {
  const certificates = createCollector((ders) => reader.certificates(ders, 'document'))
  const crls = createCollector((ders) => reader.crls(ders, 'document'))
  const ocsps = createCollector((ders) => reader.ocsps(ders, 'document'))
  let isWhole = true
  const read = ({ evidence, under, isUnread }: Layer): DocumentData => {
    const part = under === null ? 'uncovered' : 'covered'
    const collected = [
      certificates.collect(
        evidence.flatMap((one) => one.certificates),
        part,
      ),
      crls.collect(
        evidence.flatMap((one) => one.crls),
        part,
      ),
      ocsps.collect(
        evidence.flatMap((one) => one.ocsps),
        part,
      ),
    ]
    if (isUnread || collected.includes('some')) isWhole = false
    return { certificates: certificates.all(), crls: crls.all(), ocsps: ocsps.all(), isWhole }
  }
  const under = new Map<number | null, DocumentData>()
  for (const layer of layersOf(pdf, inCms)) under.set(layer.under, read(layer))
  return {
    data: under.get(null)!,
    dataUnder: (stamp) => under.get(stamp.signedLength) ?? NOTHING,
  }
}

const NOTHING: DocumentData = { certificates: [], crls: [], ocsps: [], isWhole: true }

interface Collector<T> {
  /** Reads what is new, until there is too much of it. */
  collect(ders: readonly Uint8Array[], part: 'covered' | 'uncovered'): 'all' | 'some'
  /** What was read so far. */
  all(): readonly T[]
}

/** Reads each part once: revisions share most, and give some of it as octets of their own. */
function createCollector<T>(read: (ders: readonly Uint8Array[]) => readonly T[]): Collector<T> {
  const left = { covered: MOST_COVERED, uncovered: MOST_UNCOVERED }
  const seen = new Set<Uint8Array>()
  const names = new Set<string>()
  const found: T[] = []
  return {
    collect(ders, part) {
      for (const der of ders) {
        if (seen.has(der)) continue
        const name = nameOf(der)
        if (!names.has(name)) {
          if (left[part] === 0) return 'some'
          left[part]--
          names.add(name)
          found.push(...read([der]))
        }
        seen.add(der)
      }
      return 'all'
    },
    all: () => [...found],
  }
}

/** The same for the same octets alone. */
const nameOf = (der: Uint8Array): string =>
  `${der.length} ${primitives.mapKey(der.length < LARGE ? der : primitives.digestSync('SHA-256', der))}`
