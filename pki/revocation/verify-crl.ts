import { findScheme } from '../algorithms.ts'
import { equalBytes } from '../asn1/index.ts'
import { OID } from '../oids.ts'
import type { Certificate } from '../x509/certificate.ts'
import { verifySigned } from '../x509/verify-signature.ts'
import type { Crl } from './crl.ts'

/** The span in which answers must have been made to count, both ends included, whatever their own nextUpdate says. */
export interface MadeWithin {
  readonly from: Date
  readonly until: Date
}

/** Why a CRL does not count for an issuer at a time; `null` from `verifyCrl` when it does. */
export type CrlFault =
  | 'ISSUER_MISMATCH'
  | 'NOT_YET_ISSUED'
  | 'STALE'
  | 'NO_NEXT_UPDATE'
  /** made after the certificate expired, by an issuer that does not say that it keeps expired ones */
  | 'AFTER_EXPIRY'
  | 'ISSUER_MAY_NOT_SIGN_CRLS'
  | 'CRITICAL_EXTENSION_UNKNOWN'
  /** it strays from the profile of RFC 5280 §5; only where that is asked for */
  | 'PROFILE'
  | 'INDIRECT'
  | 'DELTA'
  /** the lists at hand do not speak of every reason for a revocation */
  | 'REASONS_MISSING'
  | 'ALGORITHM_UNACCEPTABLE'
  | 'SIGNATURE_INVALID'
  /** more signatures than one judgement checks */
  | 'LIMIT_EXCEEDED'

const processed: ReadonlySet<string> = new Set([
  OID.authorityKeyIdentifier,
  OID.issuingDistributionPoint,
  OID.deltaCRLIndicator,
  OID.issuerAltName,
  OID.freshestCRL,
])

/**
 * Verifies a complete, direct CRL against its issuer's certificate at a time (RFC 5280 §6.3.3): name, key identifier, freshness
 * (thisUpdate ≤ at < nextUpdate), cRLSign, critical extensions, signature. Whether the issuer itself is to be trusted is the caller's
 * question; paths ask it, and take indirect and delta lists too, which are refused here. `madeWithin`: the list counts when thisUpdate
 * lies in this span, instead of while fresh at `at`.
 */
export async function verifyCrl(
  crl: Crl,
  issuer: Certificate,
  at: Date,
  madeWithin?: MadeWithin,
): Promise<CrlFault | null> {
  if (crl.deltaBase !== undefined) return 'DELTA'
  if (crl.scope?.indirect === true) return 'INDIRECT'
  return findFormFault(crl) ?? findTimeFault(crl, at, madeWithin) ?? (await findSignerFault(crl, issuer))
}

/** Critical extensions that are not processed, of the list and of its entries; entries about other issuers in a list that is not indirect. */
export function findFormFault(crl: Crl): CrlFault | null {
  const isUnknown = [...crl.extensions.values()].some(({ critical, oid }) => critical && !processed.has(oid))
  if (isUnknown || crl.entries.unknownCritical.length > 0) return 'CRITICAL_EXTENSION_UNKNOWN'
  return crl.entries.namesIssuers && crl.scope?.indirect !== true ? 'INDIRECT' : null
}

/** Where a list strays from the profile of RFC 5280 §5.1.2.1, §5.2: version 2, key identifier, number, what limits it critical. */
export function findProfileFault({ version, authorityKeyIdentifier, cRLNumber, extensions }: Crl): CrlFault | null {
  const limits = [OID.issuingDistributionPoint, OID.deltaCRLIndicator]
  const isLoose = limits.some((oid) => extensions.get(oid)?.critical === false)
  return version === 2 && authorityKeyIdentifier !== undefined && cRLNumber !== undefined && !isLoose ? null : 'PROFILE'
}

/** Whether a list is of its time. */
export function findTimeFault(
  { thisUpdate, nextUpdate }: Pick<Crl, 'thisUpdate' | 'nextUpdate'>,
  at: Date,
  madeWithin: MadeWithin | undefined,
): CrlFault | null {
  if (madeWithin !== undefined) {
    if (thisUpdate > madeWithin.until) return 'NOT_YET_ISSUED'
    return thisUpdate < madeWithin.from ? 'STALE' : null
  }
  if (at < thisUpdate) return 'NOT_YET_ISSUED'
  if (nextUpdate === undefined) return 'NO_NEXT_UPDATE'
  return at >= nextUpdate ? 'STALE' : null
}

/** Whether a certificate's key made a list, and may: name, key identifier, cRLSign, signature. */
export async function findSignerFault(crl: Crl, signer: Certificate): Promise<CrlFault | null> {
  const { authorityKeyIdentifier: wanted } = crl
  const { subjectKeyIdentifier: actual, keyUsage } = signer
  if (crl.issuer.matchKey !== signer.subject.matchKey) return 'ISSUER_MISMATCH'
  if (wanted !== undefined && actual !== undefined && !equalBytes(wanted, actual)) return 'ISSUER_MISMATCH'
  if (keyUsage !== undefined && !keyUsage.has('cRLSign')) return 'ISSUER_MAY_NOT_SIGN_CRLS'
  if (findScheme(crl.signatureAlgorithm) === undefined) return 'ALGORITHM_UNACCEPTABLE'
  return (await verifySigned(crl, signer)) ? null : 'SIGNATURE_INVALID'
}
