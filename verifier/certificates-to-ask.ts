// Which certificates of a document are asked about: those by which it will be judged, before any that its maker put beside them.
import type { SignedPdf } from '../pades/read/index.ts'
import { asn1, cms, PkiError, primitives, tsp, x509 } from '../pki/index.ts'

/** What is asked about in one document. Honest ones hold a handful: seals, time stamps, and the CAs above them. */
const MOST_CERTIFICATES = 32
/** Among how many issuers are looked for. */
const MOST_ISSUERS = 256
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
  const messages = pdf.signatures.flatMap(({ contents, subFilter }) => withTokens(contents, subFilter))
  const store = pdf.validationData()
  const stored = store ? [store, ...store.vri.values()].flatMap(({ certificates }) => certificates) : []
  const inCms = messages.flatMap(({ certificates }) => certificates)
  const shared = [...new Set([...inCms, ...stored])].slice(0, MOST_ISSUERS)
  const among = createParser()
  const signers = messages.flatMap(({ certificates, signerInfos }) => {
    const candidates = among([...certificates, ...shared])
    return signerInfos.flatMap((signerInfo) => cms.findNamedSigners(signerInfo, candidates))
  })
  const bySubject = Map.groupBy(among(shared), ({ subject }) => subject.matchKey)
  const needed = new Set(signers.flatMap((signer) => withIssuers(signer, bySubject)))
  return [...needed]
    .map(({ raw }) => raw)
    .filter(({ length }) => length <= LARGEST)
    .slice(0, MOST_CERTIFICATES)
}

function withTokens(contents: Uint8Array | null, subFilter: string | null): cms.SignedData[] {
  if (contents === null) return []
  const reading = { allowBer: true, allowZeroPadding: true }
  const parse = subFilter === cms.GM_SUB_FILTER ? cms.parseGmSignedData : cms.parseSignedData
  const message = orNull(() => parse(contents, reading))
  if (message === null) return []
  const tokens = message.signerInfos.flatMap((signerInfo) => [
    ...cms.findSignatureTimeStamps(signerInfo),
    ...cms.findContentTimeStamps(signerInfo),
  ])
  return [message, ...tokens.flatMap((token) => orNull(() => tsp.parseToken(token, reading))?.signedData ?? [])]
}

/** Two certificates are the same only octet for octet: names and serial numbers are anybody's to repeat. */
function createParser(): (ders: readonly Uint8Array[]) => x509.Certificate[] {
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
  return (ders) => [...new Set(ders.flatMap((der) => parse(der) ?? []))]
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
