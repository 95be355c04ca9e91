// What a document brings along for its own validation: certificates, CRLs and OCSP responses of its DSS and of its CMS.
import type { PdfSignature, SignedPdf } from '../pades/read/index.ts'
import { primitives } from '../pki/index.ts'
import type { DataReader } from './revocation-data.ts'
import type { DocumentData } from './trust.ts'

/** Beyond these numbers nothing is looked at: honest documents hold a handful. */
const MOST_CERTIFICATES = 256
const MOST_ANSWERS = 256
const LARGE = 16 * 1024

/** What came inside the CMS of signatures and of their time stamps, DER. */
export interface CmsData {
  readonly certificates: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly ocsps: readonly Uint8Array[]
}

export interface DocumentReader {
  /** All that the document holds. */
  readonly data: DocumentData
  /** What a document time stamp covers. */
  dataUnder(stamp: PdfSignature): DocumentData
}

/** Reads the data of one document, each revision once and when it is asked for. */
export function createDocumentReader(
  pdf: SignedPdf,
  cmsData: readonly { readonly signature: PdfSignature; readonly data: CmsData }[],
  reader: DataReader,
): DocumentReader {
  const known = new Map<string, Uint8Array>()
  /** The same array for the same octets, which each revision gives anew: what is large is not parsed again. */
  const sameArray = (der: Uint8Array): Uint8Array => {
    if (der.length < LARGE) return der
    const name = primitives.mapKey(primitives.digestSync('SHA-256', der))
    const same = known.get(name)
    if (same === undefined) known.set(name, der)
    return same ?? der
  }
  const read = (store: ReturnType<SignedPdf['validationData']>, fromCms: readonly CmsData[]): DocumentData => {
    const stores = store ? [store, ...store.vri.values()] : []
    const certificates = [...fromCms, ...stores].flatMap((source) => source.certificates)
    const crls = [...stores, ...fromCms].flatMap((source) => source.crls)
    const ocsps = [...stores, ...fromCms].flatMap((source) => source.ocsps)
    return {
      certificates: reader.certificates(firstOf(certificates, MOST_CERTIFICATES), 'document'),
      crls: reader.crls(firstOf(crls, MOST_ANSWERS).map(sameArray), 'document'),
      ocsps: reader.ocsps(firstOf(ocsps, MOST_ANSWERS).map(sameArray), 'document'),
    }
  }
  const under = new Map<PdfSignature, DocumentData>()
  return {
    data: read(
      pdf.validationData(),
      cmsData.map(({ data }) => data),
    ),
    dataUnder(stamp) {
      const known = under.get(stamp)
      if (known) return known
      // A stamp does not cover its own CMS.
      const inside = cmsData.filter(({ signature }) => signature.signedLength < stamp.signedLength)
      const data = read(
        pdf.validationData(stamp),
        inside.map((one) => one.data),
      )
      under.set(stamp, data)
      return data
    },
  }
}

/** The first of some arrays, each once: one stream may be named many times. */
const firstOf = (arrays: readonly Uint8Array[], most: number): Uint8Array[] => [...new Set(arrays)].slice(0, most)
