import { equalBytes } from '../asn1/index.ts'
import { mayList } from '../revocation/crl.ts'
import type { RevocationEntry } from '../revocation/revocation-entry.ts'
import type { Certificate } from './certificate.ts'
import type { RevocationSources } from './check-revocation.ts'

/**
 * Other certificates at hand that say that the same issuer gave them to the same key, a renewal or what was renewed, and of which a list or response
 * at hand says that they are revoked: no other can end the key. Whether the issuer signed them is not asked.
 */
export function findOthersOfKey(
  certificate: Certificate,
  { candidates, crls, ocsps }: Pick<RevocationSources, 'candidates' | 'crls' | 'ocsps'>,
): Certificate[] {
  const isToldOf = (other: Certificate): boolean =>
    crls.some((crl) => mayList(crl, other)) ||
    ocsps.some(({ single }) =>
      single.some(({ status, certId }) => status === 'revoked' && certId.serialNumberHex === other.serialNumberHex),
    )
  return candidates.filter(
    (other) =>
      other.issuer.matchKey === certificate.issuer.matchKey &&
      equalBytes(other.subjectPublicKeyInfo, certificate.subjectPublicKeyInfo) &&
      !equalBytes(other.raw, certificate.raw) &&
      isToldOf(other),
  )
}

/**
 * Whether a revocation ends the key, and not one certificate of it alone (RFC 5280 §5.3.1): its compromise, or an invalidityDate (§5.3.2)
 * without another reason beside it. Who was superseded or has left may go on with the key under another certificate.
 */
export const endsKey = ({ reason, invalidityDate }: RevocationEntry): boolean =>
  reason === 'keyCompromise' ||
  reason === 'cACompromise' ||
  reason === 'aACompromise' ||
  (reason === 'unspecified' && invalidityDate !== undefined)
