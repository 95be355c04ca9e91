import { equalBytes } from '../asn1/index.ts'
import type { RevocationEntry } from '../revocation/revocation-entry.ts'
import type { CrlSources } from './ask-crls.ts'
import type { Certificate } from './certificate.ts'

/** Other certificates at hand that the same issuer gave to the same key: a renewal, or what was renewed. */
export async function findOthersOfKey(
  certificate: Certificate,
  issuer: Certificate,
  candidates: readonly Certificate[],
  { isSignedBy }: Pick<CrlSources, 'isSignedBy'>,
): Promise<Certificate[]> {
  const found: Certificate[] = []
  for (const other of candidates) {
    if (other.issuer.matchKey !== certificate.issuer.matchKey || equalBytes(other.raw, certificate.raw)) continue
    if (!equalBytes(other.subjectPublicKeyInfo, certificate.subjectPublicKeyInfo)) continue
    if (await isSignedBy(other, issuer)) found.push(other)
  }
  return found
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
