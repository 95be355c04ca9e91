// Which certificates of a document are asked about: those by which it will be judged, before any that its maker put beside them.
import type { PdfSignature, SignedPdf } from '../pades/read/index.ts'
import { asn1, cms, PkiError, primitives, tsp, x509 } from '../pki/index.ts'
import { MOST_JUDGED, MOST_STAMPS } from './checks/stamp-limits.ts'
import { layersOf } from './document-data.ts'

/** What is asked about in one document. Honest ones hold a handful: seals, time stamps, and the CAs above them. */
const MOST_CERTIFICATES = 32
/** Among how many that the document brings along: those that signatures cover stand first. */
const MOST_SHARED = 512
/** Larger ones are nobody's, and cost much to read. */
const LARGEST = 16 * 1024

/** The name under which `Evidence.askedAbout` has a certificate: SHA-256 of its octets, lower-case hex. */
export const nameOfAsked = (der: Uint8Array): string => asn1.toHex(primitives.digestSync('SHA-256', der))

/**
 * The certificate that each signer names (RFC 5652 §5.3, RFC 5035 §5) with those of its issuer's name and so on up, DER, each once: no path
 * of the judgement leads over others. Older signatures come first, since anybody can append others. What there is too much of is left
 * out, and then unknown.
 */
export function findCertificatesToAsk(pdf: SignedPdf): Uint8Array[] {
  const left = { tokens: MOST_JUDGED }
  const signed = pdf.signatures.map((signature) => ({ signature, messages: withTokens(signature, left) }))
  const inCms = signed.map(({ signature, messages }) => {
    const certificates = messages.flatMap((message) => message.certificates)
    return { signature, data: { certificates, crls: [], ocsps: [] } }
  })
  const parse = createParser()
  const stored = layersOf(pdf, inCms).flatMap(({ evidence }) => evidence.flatMap(({ certificates }) => certificates))
  const shared = parse(stored, MOST_SHARED)
  const signers = signed.flatMap(({ messages }) =>
    messages.flatMap(({ certificates, signerInfos: [signerInfo] }) =>
      signerInfo ? cms.findNamedSigners(signerInfo, [...new Set([...parse(certificates), ...shared])]) : [],
    ),
  )
  const bySubject = Map.groupBy(shared, ({ subject }) => subject.matchKey)
  const needed = new Set(signers.flatMap((signer) => withIssuers(signer, bySubject)))
  return [...needed].map(({ raw }) => raw).slice(0, MOST_CERTIFICATES)
}

/** The message of a signature, and those of its time stamps that are judged. */
function withTokens({ contents, subFilter }: PdfSignature, left: { tokens: number }): cms.SignedData[] {
  if (contents === null) return []
  const reading = { allowBer: true, allowZeroPadding: true }
  const parse = subFilter === cms.GM_SUB_FILTER ? cms.parseGmSignedData : cms.parseSignedData
  const message = orNull(() => parse(contents, reading))
  const signerInfo = message?.signerInfos[0]
  if (!message || !signerInfo) return []
  const tokens = [cms.findSignatureTimeStamps(signerInfo), cms.findContentTimeStamps(signerInfo)]
    .flatMap((found) => found.slice(0, MOST_STAMPS))
    .slice(0, left.tokens)
  left.tokens -= tokens.length
  return [message, ...tokens.flatMap((token) => orNull(() => tsp.parseToken(token, reading))?.signedData ?? [])]
}

/**
 * Parses what is not too large, each once, up to so many. Two certificates are the same only octet for octet: names and serial numbers are
 * anybody's to repeat.
 */
function createParser(): (ders: readonly Uint8Array[], most?: number) => x509.Certificate[] {
  const byOctets = new Map<string, x509.Certificate | null>()
  const parse = (der: Uint8Array): x509.Certificate | null => {
    const name = primitives.mapKey(der)
    let certificate = byOctets.get(name)
    if (certificate === undefined) {
      certificate = orNull(() => x509.parseCertificate(der))
      byOctets.set(name, certificate)
    }
    return certificate
  }
  return (ders, most = Number.POSITIVE_INFINITY) => {
    const small = [...new Set(ders)].filter(({ length }) => length <= LARGEST)
    return [...new Set(small.slice(0, most).flatMap((der) => parse(der) ?? []))]
  }
}

function withIssuers(
  signer: x509.Certificate,
  bySubject: ReadonlyMap<string, readonly x509.Certificate[]>,
): x509.Certificate[] {
  const needed = new Set([signer])
  const asked = new Set<string>()
  for (const certificate of needed) {
    const { issuer, authorityKeyIdentifier } = certificate
    const wanted = authorityKeyIdentifier?.keyIdentifier
    // Of one name, those first whose key the certificate names.
    const named = bySubject.get(issuer.matchKey) ?? []
    for (const one of named) if (wanted && isOfKey(one, wanted)) needed.add(one)
    if (asked.has(issuer.matchKey)) continue
    asked.add(issuer.matchKey)
    for (const one of named) needed.add(one)
  }
  return [...needed]
}

const isOfKey = ({ subjectKeyIdentifier }: x509.Certificate, wanted: Uint8Array): boolean =>
  subjectKeyIdentifier !== undefined && asn1.equalBytes(subjectKeyIdentifier, wanted)

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}
