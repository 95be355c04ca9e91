// Is the content what was signed? Signature value, digest and signer's certificate of one signature (EN 319 102-1 §5.2.7).
import type { PdfSignature } from '../../pades/read/index.ts'
import {
  type AlgorithmTerms,
  asn1,
  cms,
  type DigestAlgorithm,
  findAlgorithmFault,
  findDigestFault,
  OID,
  PkiError,
  parsePublicKey,
  primitives,
  tsp,
  type x509,
} from '../../pki/index.ts'
import { finding } from '../messages.ts'
import type { Finding, Indication, SignatureReport, SubIndication } from '../report.ts'
import { shown } from '../shown.ts'
import { MOST_STAMPS } from './stamp-limits.ts'

export interface Integrity {
  readonly integrity: SignatureReport['integrity']
  readonly indication: Indication
  readonly subIndication: SubIndication | null
  readonly finding: Finding
  readonly signer: x509.Certificate | null
  /** Certificates that came with the signature, DER. */
  readonly certificates: readonly Uint8Array[]
  readonly level: SignatureReport['level']
  readonly claimedSigningTime: Date | null
  /** Why its algorithms no longer count at a time, or null; of an intact signature only. */
  weaknessAt(at: Date, terms: AlgorithmTerms | undefined): string | null
  /** CRLs that came with the signature, DER. */
  readonly crls: readonly Uint8Array[]
  /** OCSP responses that came with the signature, DER. */
  readonly ocsps: readonly Uint8Array[]
  /** Time-stamp tokens over the content that the signature signs, unverified, null where one is malformed; of an intact signature only. */
  readonly contentTokens: readonly (tsp.TimeStampToken | null)[]
  /** OID of the signature policy that it names; of an intact signature only. */
  readonly signaturePolicy: string | null
  /** Time-stamp tokens over the signature's value, unverified, null where one is malformed; of an intact signature only. */
  readonly tokens: readonly (tsp.TimeStampToken | null)[]
  readonly signatureValue: Uint8Array | null
  /** A document time stamp's own token, where it can be read, and what else it lacks to be one. */
  readonly stamp: { readonly token: tsp.TimeStampToken; readonly fault: tsp.TokenReason | null } | null
}

/** Digests of the signed ranges of one signature, each computed once. */
export interface SignedDigests {
  bytes(): Uint8Array
  digest(algorithm: DigestAlgorithm): Promise<Uint8Array>
}

/** Digests on demand, so that what the CMS and the register ask for is hashed once. */
export function digestsOf(signature: PdfSignature): SignedDigests {
  const known = new Map<DigestAlgorithm, Promise<Uint8Array>>()
  return {
    bytes: () => signature.signedBytes(),
    digest(algorithm) {
      const digest = known.get(algorithm) ?? primitives.digestParts(algorithm, signature.signedParts())
      known.set(algorithm, digest)
      return digest
    },
  }
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4'

/** PAdES, the older forms of ISO 32000, document time stamps, and SM2 by GB/T 35275 under a name of our own. */
const KINDS: ReadonlySet<string> = new Set([
  'ETSI.CAdES.detached',
  'adbe.pkcs7.detached',
  'adbe.pkcs7.sha1',
  'ETSI.RFC3161',
  cms.GM_SUB_FILTER,
])

/** Verifies the CMS of one signature over its ranges. A signature with a bad byte range is not asked. */
export async function checkIntegrity(signature: PdfSignature, digests: SignedDigests): Promise<Integrity> {
  const { contents, subFilter, type } = signature
  if (signature.byteRange === 'bad') {
    return unreadable(
      finding('coverage', 'failed', 'BYTE_RANGE_BAD', { detail: signature.byteRangeFault ?? 'unknown' }),
    )
  }
  if (contents === null) return malformed(signature.contentsFault ?? 'there is no CMS')
  if (subFilter === null || !KINDS.has(subFilter)) {
    return notCheckable(
      finding('integrity', 'undecided', 'SIGNATURE_KIND_UNSUPPORTED', { kind: subFilter ?? '(none)' }),
      'GENERIC',
    )
  }
  try {
    const isGm = subFilter === cms.GM_SUB_FILTER
    const signedData = isGm ? cms.parseGmSignedData(contents, { allowZeroPadding: true }) : parseCms(contents)
    if (signedData.signerInfos.length !== 1)
      return malformed(`${signedData.signerInfos.length} signers where one is expected`)
    const isAttached = type === 'document-time-stamp' || subFilter === 'adbe.pkcs7.sha1'
    const verify = isGm ? cms.verifyGmSignedData : cms.verifySignedData
    const [answer] = await verify(signedData, isAttached ? {} : detachedContent(signedData, digests))
    const stamped = isAttached ? await attachedFault(signedData, digests, type) : null
    return judge(answer!, signedData, signature, stamped)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    // Not every browser and every build of OpenSSL offers SM2.
    return error.code === 'ALGORITHM_UNSUPPORTED'
      ? notCheckable(finding('integrity', 'undecided', 'SIGNATURE_ALGORITHM_UNKNOWN'), 'GENERIC')
      : malformed(error.message)
  }
}

/** Our own CMS is DER; foreign ones may come in BER framing. */
function parseCms(contents: Uint8Array): cms.SignedData {
  try {
    return cms.parseSignedData(contents, { allowZeroPadding: true })
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    return cms.parseSignedData(contents, { allowBer: true, allowZeroPadding: true })
  }
}

/** Without signed attributes the content itself is signed, not its digest. */
function detachedContent(signedData: cms.SignedData, digests: SignedDigests): cms.SignedContent {
  return signedData.signerInfos[0]!.signedAttributes === undefined
    ? { content: digests.bytes() }
    : { contentDigest: digests.digest }
}

/** Time stamps and adbe.pkcs7.sha1 sign a digest of the ranges that lies inside the CMS. */
async function attachedFault(
  signedData: cms.SignedData,
  { digest }: SignedDigests,
  type: PdfSignature['type'],
): Promise<'format' | 'digest' | null> {
  if (signedData.eContent === undefined) return 'format'
  if (type === 'signature') {
    if (signedData.eContentType !== OID.data) return 'format'
    return asn1.equalBytes(signedData.eContent, await digest('SHA-1')) ? null : 'digest'
  }
  if (signedData.eContentType !== TST_INFO) return 'format'
  const [, , imprint] = asn1.readSequence(asn1.parseDer(signedData.eContent), 'TSTInfo', 5)
  const [algorithm, hashed] = asn1.readSequence(imprint, 'messageImprint', 2, 2)
  const name = digestNames.get(asn1.readOid(asn1.readSequence(algorithm, 'hashAlgorithm', 1, 2)[0], 'hashAlgorithm'))
  if (!name) return 'format'
  return asn1.equalBytes(asn1.readOctetString(hashed, 'hashedMessage'), await digest(name)) ? null : 'digest'
}

const digestNames: ReadonlyMap<string, DigestAlgorithm> = new Map([
  [OID.sha1, 'SHA-1'],
  [OID.sha256, 'SHA-256'],
  [OID.sha384, 'SHA-384'],
  [OID.sha512, 'SHA-512'],
])

function judge(
  answer: cms.SignerVerification,
  signedData: cms.SignedData,
  signature: PdfSignature,
  stamped: 'format' | 'digest' | null,
): Integrity {
  const archived = cms.findArchivedRevocationData(answer.signerInfo)
  const known = {
    signer: answer.certificate ?? null,
    certificates: signedData.certificates,
    crls: [...signedData.crls, ...archived.crls],
    ocsps: archived.ocsps,
    claimedSigningTime: answer.claimedSigningTime ?? signature.claimedSigningTime,
  }
  if (stamped === 'format') return { ...malformed('the signed digest is missing or of an unknown kind'), ...known }
  if (answer.messageDigestMatches === false || stamped === 'digest') {
    return { ...broken(finding('integrity', 'failed', 'HASH_MISMATCH'), 'HASH_FAILURE'), ...known }
  }
  if (!answer.valid) return { ...fromReason(answer.reason!), ...known }
  const key = parsePublicKey(answer.certificate!.subjectPublicKeyInfo)
  const stamp = signature.type === 'document-time-stamp' ? readStamp(signature, answer) : null
  const isCades =
    signature.subFilter === 'ETSI.CAdES.detached' && answer.signingCertificateMatches === true && answer.attributesInDer
  return {
    ...nothingKnown,
    ...known,
    integrity: 'intact',
    level: isCades ? 'B-B' : 'not-pades',
    indication: 'TOTAL-PASSED',
    subIndication: null,
    finding: finding('integrity', 'passed', 'INTEGRITY_INTACT', { signer: nameOf(answer.certificate!) }),
    weaknessAt: (at, terms) => {
      const ofContent = innerDigestOf(signature, stamp)
      return (
        findAlgorithmFault(answer.signatureScheme!, key, at, terms) ??
        (ofContent ? findDigestFault(ofContent, at, terms) : null)
      )
    },
    tokens: cms.findSignatureTimeStamps(answer.signerInfo).slice(0, MOST_STAMPS).map(parseTokenOrNull),
    contentTokens: cms.findContentTimeStamps(answer.signerInfo).slice(0, MOST_STAMPS).map(parseTokenOrNull),
    signaturePolicy: cms.findSignaturePolicy(answer.signerInfo),
    signatureValue: answer.signerInfo.signature,
    stamp,
  }
}

/** The digest of the document that lies inside the CMS, whatever the signature's own algorithm is. */
function innerDigestOf({ subFilter }: PdfSignature, stamp: Integrity['stamp']): DigestAlgorithm | undefined {
  return subFilter === 'adbe.pkcs7.sha1' ? 'SHA-1' : stamp?.token.messageImprint.algorithm
}

/** Parses a token strictly first; foreign ones may come in BER framing. */
function parseToken(bytes: Uint8Array): tsp.TimeStampToken {
  try {
    return tsp.parseToken(bytes, { allowZeroPadding: true })
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    return tsp.parseToken(bytes, { allowBer: true, allowZeroPadding: true })
  }
}

function parseTokenOrNull(bytes: Uint8Array): tsp.TimeStampToken | null {
  try {
    return parseToken(bytes)
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

/** What makes an intact CMS over the document's digest a time stamp of RFC 3161. */
function readStamp({ contents }: PdfSignature, answer: cms.SignerVerification): Integrity['stamp'] {
  const token = parseTokenOrNull(contents!)
  if (token === null) return null
  if (answer.signingCertificateMatches === null) return { token, fault: 'SIGNING_CERTIFICATE_MISSING' }
  return { token, fault: tsp.hasTimeStampPurpose(answer.certificate!) ? null : 'NOT_A_TIME_STAMP_CERTIFICATE' }
}

function fromReason(reason: cms.CmsReason): Integrity {
  switch (reason) {
    case 'SIGNATURE_INVALID':
      return broken(finding('integrity', 'failed', 'SIGNATURE_WRONG'), 'SIG_CRYPTO_FAILURE')
    case 'SIGNER_CERTIFICATE_NOT_FOUND':
      return notCheckable(
        finding('integrity', 'undecided', 'SIGNER_CERTIFICATE_MISSING'),
        'NO_SIGNING_CERTIFICATE_FOUND',
      )
    case 'SIGNING_CERTIFICATE_MISMATCH':
      return notCheckable(finding('integrity', 'failed', 'SIGNER_CERTIFICATE_MISMATCH'), 'NO_SIGNING_CERTIFICATE_FOUND')
    case 'DIGEST_ALGORITHM_UNKNOWN':
    case 'SIGNATURE_ALGORITHM_UNKNOWN':
      return notCheckable(finding('integrity', 'undecided', 'SIGNATURE_ALGORITHM_UNKNOWN'), 'GENERIC')
    default:
      return malformed(reason.toLowerCase().replaceAll('_', ' '))
  }
}

const nothingKnown = {
  signer: null,
  certificates: [],
  crls: [],
  ocsps: [],
  tokens: [],
  contentTokens: [],
  signaturePolicy: null,
  signatureValue: null,
  stamp: null,
  level: 'not-pades',
  claimedSigningTime: null,
  weaknessAt: () => null,
} as const

function broken(found: Finding, subIndication: SubIndication): Integrity {
  return { ...nothingKnown, integrity: 'broken', indication: 'TOTAL-FAILED', subIndication, finding: found }
}

function notCheckable(found: Finding, subIndication: SubIndication): Integrity {
  return { ...nothingKnown, integrity: 'not-checkable', indication: 'INDETERMINATE', subIndication, finding: found }
}

function unreadable(found: Finding): Integrity {
  return {
    ...nothingKnown,
    integrity: 'not-checkable',
    indication: 'TOTAL-FAILED',
    subIndication: 'FORMAT_FAILURE',
    finding: found,
  }
}

function malformed(detail: string): Integrity {
  return unreadable(finding('integrity', 'failed', 'SIGNATURE_MALFORMED', { detail }))
}

/** What to call the owner of a certificate: its common name, else the whole subject. */
export function nameOf(certificate: x509.Certificate): string {
  const commonName = certificate.subject.attributes.find(({ type }) => type === OID.commonName)
  return shown(commonName?.value ?? certificate.subject.text)
}
