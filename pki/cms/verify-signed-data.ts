import { primitives } from '#primitives'
import { type DigestAlgorithm, findDigest, findScheme, type SignatureScheme } from '../algorithms.ts'
import { equalBytes, parseDer, readOctetString, readOid, TAG } from '../asn1/index.ts'
import { ecdsaFromRaw } from '../ecdsa-signature.ts'
import { PkiError } from '../errors.ts'
import { createKnownBytes } from '../known-bytes.ts'
import { OID } from '../oids.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { isAlgorithmProtected } from './algorithm-protection.ts'
import { type Attribute, findSigningCertificate, findSigningTime, findSingleValue } from './signed-attributes.ts'
import type { SignedData, SignerInfo } from './signed-data.ts'

/** Why a signer's signature does not hold: the first that applies. */
export type CmsReason =
  | 'SIGNER_CERTIFICATE_NOT_FOUND'
  | 'SIGNED_ATTRIBUTES_MALFORMED'
  | 'DIGEST_ALGORITHM_UNKNOWN'
  /** unknown, and not among those that SignedData says were used */
  | 'DIGEST_ALGORITHM_UNLISTED'
  | 'SIGNATURE_ALGORITHM_UNKNOWN'
  | 'CONTENT_MISSING'
  | 'CONTENT_NOT_DETACHED'
  | 'CONTENT_AMBIGUOUS'
  | 'CONTENT_TYPE_MISMATCH'
  | 'MESSAGE_DIGEST_MISMATCH'
  | 'SIGNATURE_INVALID'
  | 'SIGNING_CERTIFICATE_MISMATCH'

/** One signer, judged. `null` in a check: it could not be made, or there was nothing to check. */
export interface SignerVerification {
  readonly signerInfo: SignerInfo
  readonly certificate: Certificate | undefined
  readonly digestAlgorithm: DigestAlgorithm | undefined
  readonly signatureScheme: SignatureScheme | undefined
  readonly hasSignedAttributes: boolean
  /** message-digest equals the content's digest */
  readonly messageDigestMatches: boolean | null
  /** the signature over the attributes (without attributes: over the content) is right for the signer's key */
  readonly signatureValid: boolean | null
  /** the signature is over the attributes in DER; `false`: over the order in which they came, against RFC 5652 §5.4 */
  readonly attributesInDer: boolean
  /** signing-certificate (v1 or v2) names the certificate used; `null` when the attribute is absent */
  readonly signingCertificateMatches: boolean | null
  /** the signer's own word */
  readonly claimedSigningTime: Date | undefined
  readonly valid: boolean
  readonly reason: CmsReason | null
}

/** The content that was signed. Give exactly one of both for a detached signature, none for an attached one. */
export interface SignedContent {
  readonly content?: Uint8Array
  /** digest of the content by the signer's algorithm, for contents in parts; needs signed attributes */
  readonly contentDigest?: (algorithm: DigestAlgorithm) => Uint8Array | Promise<Uint8Array>
  /** certificates to look for the signer in, beside the embedded ones: DER, or parsed where many messages share them */
  readonly certificates?: readonly (Uint8Array | Certificate)[]
  /** judges as GB/T 35275 is practised: see `verifyGmSignedData` */
  readonly isGm?: boolean
}

/**
 * Verifies every signer of a SignedData (RFC 5652 §5.4, §5.6; RFC 5035 §5). Trust, times and revocation are not looked at, nor whether
 * the algorithms still count. One answer per signer, in order; no signer, no answer.
 */
export async function verifySignedData(
  signedData: SignedData,
  signed: SignedContent = {},
): Promise<SignerVerification[]> {
  // One that is given twice is one that fits.
  const certificates = new Set([...signedData.certificates, ...(signed.certificates ?? [])].flatMap(parseIfPossible))
  const answers: SignerVerification[] = []
  for (const signerInfo of signedData.signerInfos) {
    answers.push(await verifySigner(signedData, signerInfo, signed, [...certificates]))
  }
  return answers
}

/** The same few seals sign many documents. Large certificates are not kept. */
const parsedCertificates = createKnownBytes<Certificate>(256, 1 << 20, primitives.sameBytes)
const MAX_KEPT_OCTETS = 4096

function parseIfPossible(der: Uint8Array | Certificate): Certificate[] {
  if (!(der instanceof Uint8Array)) return [der]
  const known = parsedCertificates.find(der)
  if (known !== undefined) return [known.value]
  try {
    const isKept = der.length <= MAX_KEPT_OCTETS
    // What is kept must not hold on to the document in which it came.
    const own = isKept ? new Uint8Array(der) : der
    const certificate = parseCertificate(own)
    if (isKept) parsedCertificates.add(own, certificate)
    return [certificate]
  } catch (error) {
    if (error instanceof PkiError) return []
    throw error
  }
}

type Checks = { -readonly [K in keyof SignerVerification]: SignerVerification[K] }

async function verifySigner(
  signedData: SignedData,
  signerInfo: SignerInfo,
  signed: SignedContent,
  certificates: readonly Certificate[],
): Promise<SignerVerification> {
  const digestAlgorithm = findDigest(signerInfo.digestAlgorithm)
  const checks: Checks = {
    signerInfo,
    certificate: undefined,
    digestAlgorithm,
    signatureScheme: findScheme(signerInfo.signatureAlgorithm, digestAlgorithm),
    hasSignedAttributes: signerInfo.signedAttributes !== undefined,
    messageDigestMatches: null,
    signatureValid: null,
    attributesInDer: true,
    signingCertificateMatches: null,
    claimedSigningTime: undefined,
    valid: false,
    reason: null,
  }
  try {
    checks.reason = await runChecks(checks, signedData, signed, certificates)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    checks.reason = 'SIGNED_ATTRIBUTES_MALFORMED'
  }
  checks.valid = checks.reason === null
  return checks
}

/** All checks that can be made are made; the first reason found is the one that is told. */
async function runChecks(
  checks: Checks,
  signedData: SignedData,
  signed: SignedContent,
  certificates: readonly Certificate[],
): Promise<CmsReason | null> {
  const { signerInfo, digestAlgorithm, signatureScheme } = checks
  const reasons: (CmsReason | null)[] = []
  checks.certificate = await findSigner(signerInfo, certificates)
  if (checks.certificate === undefined) reasons.push('SIGNER_CERTIFICATE_NOT_FOUND')
  // Who names an algorithm nobody knows must at least name it twice (RFC 5652 §5.1): else a changed octet would look like the future.
  const isListed = signedData.digestAlgorithms.some(({ oid }) => oid === signerInfo.digestAlgorithm.oid)
  if (digestAlgorithm === undefined) reasons.push(isListed ? 'DIGEST_ALGORITHM_UNKNOWN' : 'DIGEST_ALGORITHM_UNLISTED')
  const isForeign = signed.isGm === true && signatureScheme !== undefined && signatureScheme.kind !== 'sm2'
  if (isForeign) checks.signatureScheme = undefined
  if (
    isForeign ||
    signatureScheme === undefined ||
    (digestAlgorithm !== undefined && signatureScheme.digest !== digestAlgorithm)
  ) {
    reasons.push('SIGNATURE_ALGORITHM_UNKNOWN')
  }
  const content = signed.isGm === true ? await chooseGmContent(signedData, signed) : chooseContent(signedData, signed)
  if (typeof content === 'string') reasons.push(content)
  else if (signerInfo.signedAttributes === undefined) reasons.push(await checkBareContent(checks, signedData, content))
  else reasons.push(await checkAttributes(checks, signerInfo.signedAttributes, signedData, content))
  if (checks.signatureValid === null && signerInfo.signedAttributesToVerify !== undefined) {
    await checkSignature(checks, signerInfo.signedAttributesToVerify)
    if (checks.signatureValid === false && signerInfo.signedAttributesUnsorted !== undefined) {
      await checkSignature(checks, signerInfo.signedAttributesUnsorted)
      checks.attributesInDer = checks.signatureValid !== true
    }
  }
  if (checks.signatureValid === false) reasons.push('SIGNATURE_INVALID')
  if (checks.signingCertificateMatches === false) reasons.push('SIGNING_CERTIFICATE_MISMATCH')
  // That the content was changed is certain, whatever cannot be known beside it; and nobody signs the fields in which an algorithm stands.
  if (checks.messageDigestMatches === false) return 'MESSAGE_DIGEST_MISMATCH'
  return reasons.find((reason) => reason !== null) ?? (checks.signatureValid === true ? null : 'SIGNATURE_INVALID')
}

/**
 * The certificates that the signer identifier fits. Two may (a key identifier is any octets, a CA may repeat a serial number): the one
 * that signing-certificate names is preferred.
 */
async function findSigner(
  signerInfo: SignerInfo,
  certificates: readonly Certificate[],
): Promise<Certificate | undefined> {
  const fitting = fittingSigners(signerInfo, certificates)
  if (fitting.length < 2) return fitting[0]
  for (const certificate of fitting) {
    if (await isNamedSigner(signerInfo.signedAttributes ?? [], certificate)) return certificate
  }
  return fitting[0]
}

const fittingSigners = ({ sid }: SignerInfo, certificates: readonly Certificate[]): Certificate[] =>
  certificates.filter((certificate) =>
    sid.kind === 'issuerAndSerialNumber'
      ? certificate.serialNumberHex === sid.serialNumberHex && certificate.issuer.matchKey === sid.issuer.matchKey
      : certificate.subjectKeyIdentifier !== undefined &&
        equalBytes(certificate.subjectKeyIdentifier, sid.keyIdentifier),
  )

/**
 * Whom a signer names, unverified: what fits its identifier (RFC 5652 §5.3) and has the digest that signing-certificate gives (RFC 5035 §4);
 * where nothing has, the first that fits.
 */
export function findNamedSigners(signerInfo: SignerInfo, certificates: readonly Certificate[]): Certificate[] {
  const fitting = fittingSigners(signerInfo, certificates)
  const reference = findReference(signerInfo)
  if (fitting.length < 2 || !reference?.digestAlgorithm) return fitting.slice(0, 1)
  const { digestAlgorithm, certificateDigest } = reference
  const named = fitting.filter((one) => equalBytes(certificateDigest, digestOf(one, digestAlgorithm)))
  return named.length > 0 ? named : fitting.slice(0, 1)
}

/** Many signers of one document may ask for the digests of the same certificates. */
const digests = new WeakMap<Certificate, Map<DigestAlgorithm, Uint8Array>>()

function digestOf(certificate: Certificate, algorithm: DigestAlgorithm): Uint8Array {
  const known = digests.get(certificate) ?? new Map<DigestAlgorithm, Uint8Array>()
  digests.set(certificate, known)
  const digest = known.get(algorithm) ?? primitives.digestSync(algorithm, certificate.raw)
  known.set(algorithm, digest)
  return digest
}

function findReference({ signedAttributes = [] }: SignerInfo) {
  try {
    return findSigningCertificate(signedAttributes)
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}

type Content = Pick<SignedContent, 'content' | 'contentDigest' | 'isGm'>

function chooseContent(signedData: SignedData, signed: SignedContent): Content | CmsReason {
  const isGiven = signed.content !== undefined || signed.contentDigest !== undefined
  if (signedData.eContent === undefined) return isGiven ? signed : 'CONTENT_MISSING'
  return isGiven ? 'CONTENT_NOT_DETACHED' : { content: signedData.eContent }
}

/** An attached content may stand beside the given one when it is that, or (as OFD signers write it) its SM3 digest. */
async function chooseGmContent(signedData: SignedData, signed: SignedContent): Promise<Content | CmsReason> {
  const { eContent } = signedData
  const isGiven = signed.content !== undefined || signed.contentDigest !== undefined
  if (eContent === undefined || !isGiven) {
    const chosen = chooseContent(signedData, signed)
    return typeof chosen === 'string' ? chosen : { ...chosen, isGm: true }
  }
  const digest =
    signed.content === undefined ? await signed.contentDigest!('SM3') : await primitives.digest('SM3', signed.content)
  const isSame = equalBytes(eContent, digest) || equalBytes(await primitives.digest('SM3', eContent), digest)
  return isSame ? { content: eContent, isGm: true } : 'MESSAGE_DIGEST_MISMATCH'
}

const isData = (type: string): boolean => type === OID.data || type === OID.gmData

/** A SET that fills the content to its end: what signed attributes look like. A text that begins with "1" does not. */
function isWholeSet(content: Uint8Array): boolean {
  try {
    return parseDer(content).tag === TAG.set
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

/** Without signed attributes the content itself is signed; that is allowed for id-data only (RFC 5652 §5.3). */
async function checkBareContent(
  checks: Checks,
  signedData: SignedData,
  { content, isGm }: Content,
): Promise<CmsReason | null> {
  if (content === undefined) return 'CONTENT_MISSING'
  const isRightType = isGm === true ? isData(signedData.eContentType) : signedData.eContentType === OID.data
  if (!isRightType) return 'CONTENT_TYPE_MISMATCH'
  // Signed attributes, taken out of another signature, would pass as a content that was never signed.
  if (isGm === true ? isWholeSet(content) : content[0] === 0x31) return 'CONTENT_AMBIGUOUS'
  await checkSignature(checks, content)
  return null
}

async function checkAttributes(
  checks: Checks,
  attributes: readonly Attribute[],
  signedData: SignedData,
  content: Content,
): Promise<CmsReason | null> {
  const types = new Set(attributes.map((attribute) => attribute.type))
  const contentType = findSingleValue(attributes, OID.contentType)
  const messageDigest = findSingleValue(attributes, OID.messageDigest)
  if (types.size !== attributes.length || contentType === undefined || messageDigest === undefined)
    return 'SIGNED_ATTRIBUTES_MALFORMED'
  checks.claimedSigningTime = findSigningTime(attributes)
  const { digestAlgorithm, certificate } = checks
  if (certificate !== undefined) checks.signingCertificateMatches = await isNamedSigner(attributes, certificate)
  const named = readOid(contentType, 'contentType')
  const isBothData = content.isGm === true && isData(named) && isData(signedData.eContentType)
  if (named !== signedData.eContentType && !isBothData) return 'CONTENT_TYPE_MISMATCH'
  const contradiction = isAlgorithmProtected(checks.signerInfo) ? null : 'SIGNED_ATTRIBUTES_MALFORMED'
  if (digestAlgorithm === undefined) return contradiction
  const expected = readOctetString(messageDigest, 'messageDigest')
  const actual =
    content.content === undefined
      ? await content.contentDigest!(digestAlgorithm)
      : await primitives.digest(digestAlgorithm, content.content)
  checks.messageDigestMatches = equalBytes(expected, actual)
  return checks.messageDigestMatches ? contradiction : 'MESSAGE_DIGEST_MISMATCH'
}

async function checkSignature(checks: Checks, data: Uint8Array): Promise<void> {
  const { certificate, signatureScheme, signerInfo } = checks
  if (certificate === undefined || signatureScheme === undefined) return
  const { signature } = signerInfo
  const verify = (value: Uint8Array): Promise<boolean> =>
    primitives.verify(signatureScheme, certificate.subjectPublicKeyInfo, data, value)
  checks.signatureValid = await verify(signature)
  // r ‖ s without DER: the same numbers, in the form some SM2 signers write.
  if (!checks.signatureValid && signatureScheme.kind === 'sm2' && signature.length === 64)
    checks.signatureValid = await verify(ecdsaFromRaw(signature))
}

/** Whether signing-certificate names this certificate; `null` when the attribute is absent. */
async function isNamedSigner(attributes: readonly Attribute[], certificate: Certificate): Promise<boolean | null> {
  const reference = findSigningCertificate(attributes)
  if (reference === undefined) return null
  const { digestAlgorithm, certificateDigest, issuerSerial } = reference
  if (digestAlgorithm === undefined) return false
  if (!equalBytes(certificateDigest, await primitives.digest(digestAlgorithm, certificate.raw))) return false
  if (issuerSerial === undefined) return true
  const { issuerMatchKey, serialNumber } = issuerSerial
  return (
    equalBytes(serialNumber, certificate.serialNumber) &&
    (issuerMatchKey === undefined || issuerMatchKey === certificate.issuer.matchKey)
  )
}

/** Time-stamp tokens (RFC 3161) over this signature, raw DER; unverified. */
export function findSignatureTimeStamps(signerInfo: SignerInfo): Uint8Array[] {
  return signerInfo.unsignedAttributes
    .filter((attribute) => attribute.type === OID.timeStampToken)
    .flatMap((attribute) => attribute.values)
}
