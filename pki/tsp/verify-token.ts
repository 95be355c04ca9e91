import { primitives } from '#primitives'
import { equalBytes } from '../asn1/index.ts'
import { type CmsReason, type SignerVerification, verifySignedData } from '../cms/verify-signed-data.ts'
import { OID } from '../oids.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { TimeStampToken } from './token.ts'

/** Why a token does not hold: the first that applies. */
export type TokenReason =
  | CmsReason
  | 'SIGNER_COUNT'
  | 'SIGNING_CERTIFICATE_MISSING'
  | 'NOT_A_TIME_STAMP_CERTIFICATE'
  | 'IMPRINT_ALGORITHM_UNKNOWN'
  | 'IMPRINT_MISMATCH'
  | 'NONCE_MISMATCH'

/** What was stamped: exactly one of both. */
export interface StampedData {
  readonly data?: Uint8Array
  /** digest by the token's own imprint algorithm */
  readonly digest?: Uint8Array
  /** the nonce of the request, when there was one: octets of a number, leading zeros do not count */
  readonly nonce?: Uint8Array
  /** certificates to look for the TSA's in, beside the embedded ones: DER, or parsed where many tokens share them */
  readonly certificates?: readonly (Uint8Array | Certificate)[]
}

/** `certificate`, `signer`: as far as they were found, whatever the reason. */
export interface TokenVerification {
  readonly valid: boolean
  readonly reason: TokenReason | null
  readonly certificate: Certificate | undefined
  readonly signer: SignerVerification | undefined
  readonly imprintMatches: boolean | null
}

/**
 * Verifies a token (RFC 3161 §2.2, §2.3, §2.4.2; RFC 5816): exactly one signer, CMS signature, signing-certificate (v1 or v2), the TSA
 * certificate's extended key usage, imprint, nonce. Its path, its times and whether the algorithms still count are the caller's.
 */
export async function verifyToken(token: TimeStampToken, stamped: StampedData): Promise<TokenVerification> {
  if ((stamped.data === undefined) === (stamped.digest === undefined))
    throw new TypeError('expected the stamped data or its digest')
  const imprintMatches = await matchesImprint(token, stamped)
  const signers = await verifySignedData(token.signedData, { certificates: stamped.certificates ?? [] })
  const signer = signers[0]
  const reason = findReason(token, signers, imprintMatches, stamped.nonce)
  return { valid: reason === null, reason, certificate: signer?.certificate, signer, imprintMatches }
}

function findReason(
  token: TimeStampToken,
  signers: readonly SignerVerification[],
  imprintMatches: boolean | null,
  nonce: Uint8Array | undefined,
): TokenReason | null {
  const [signer] = signers
  if (signer === undefined || signers.length !== 1) return 'SIGNER_COUNT'
  if (signer.reason !== null) return signer.reason
  if (signer.signingCertificateMatches === null) return 'SIGNING_CERTIFICATE_MISSING'
  if (!hasTimeStampPurpose(signer.certificate!)) return 'NOT_A_TIME_STAMP_CERTIFICATE'
  if (imprintMatches === null) return 'IMPRINT_ALGORITHM_UNKNOWN'
  if (!imprintMatches) return 'IMPRINT_MISMATCH'
  return nonce === undefined || isSameNumber(nonce, token.nonce) ? null : 'NONCE_MISMATCH'
}

async function matchesImprint(
  { messageImprint }: TimeStampToken,
  { data, digest }: StampedData,
): Promise<boolean | null> {
  const { algorithm } = messageImprint
  if (algorithm === undefined) return null
  return equalBytes(messageImprint.digest, digest ?? (await primitives.digest(algorithm, data!)))
}

function isSameNumber(asked: Uint8Array, given: Uint8Array | undefined): boolean {
  const strip = (octets: Uint8Array): Uint8Array => {
    const from = octets.findIndex((byte) => byte !== 0)
    return from < 0 ? new Uint8Array(0) : octets.subarray(from)
  }
  return given !== undefined && equalBytes(strip(asked), strip(given))
}

/** Extended key usage timeStamping, critical and alone (RFC 3161 §2.3). */
export function hasTimeStampPurpose(certificate: Certificate): boolean {
  const { extKeyUsage } = certificate
  return (
    extKeyUsage?.length === 1 &&
    extKeyUsage[0] === OID.timeStamping &&
    certificate.extensions.get(OID.extKeyUsage)?.critical === true
  )
}
