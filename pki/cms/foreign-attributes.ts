// Attributes that other makers' signatures carry and ours do not: read, never written.
import { type DerElement, malformed, parseDer, readExplicit, readOid, readSequence } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import type { SignerInfo } from './signed-data.ts'

/** Time-stamp tokens over the content, made before the signature and signed with it (RFC 5126 §5.11.4), raw DER; unverified. */
export function findContentTimeStamps({ signedAttributes = [] }: SignerInfo): Uint8Array[] {
  return signedAttributes.filter(({ type }) => type === OID.contentTimeStamp).flatMap(({ values }) => [...values])
}

export interface SignedRevocationData {
  /** DER */
  readonly crls: readonly Uint8Array[]
  /** OCSP responses, DER */
  readonly ocsps: readonly Uint8Array[]
}

/** What adbe-revocationInfoArchival holds (ISO 32000-2 §12.8.3.3.2), unverified; what cannot be read of it is left out. */
export function findArchivedRevocationData({ signedAttributes = [] }: SignerInfo): SignedRevocationData {
  const found = signedAttributes
    .filter(({ type }) => type === OID.revocationInfoArchival)
    .flatMap(({ values }) => values)
    .map(readArchived)
  return { crls: found.flatMap(({ crls }) => crls), ocsps: found.flatMap(({ ocsps }) => ocsps) }
}

function readArchived(value: Uint8Array): SignedRevocationData {
  try {
    const crls: Uint8Array[] = []
    const ocsps: Uint8Array[] = []
    for (const field of readSequence(parseDer(value), 'RevocationInfoArchival', 0, 3)) {
      const number = field.tag - 0xa0
      if (number < 0 || number > 2) throw malformed(field.start, 'RevocationInfoArchival: an unknown field')
      if (number === 2) continue
      const items: readonly DerElement[] = readExplicit(field, number, 'RevocationInfoArchival').children
      for (const { raw } of items) (number === 0 ? crls : ocsps).push(raw)
    }
    return { crls, ocsps }
  } catch (error) {
    if (error instanceof PkiError) return { crls: [], ocsps: [] }
    throw error
  }
}

/** The OID of the signature policy that a signature names (EN 319 122-1 §5.2.9.1), or null; an implied one is none. */
export function findSignaturePolicy({ signedAttributes = [] }: SignerInfo): string | null {
  const value = signedAttributes.find(({ type }) => type === OID.signaturePolicyId)?.values[0]
  if (value === undefined) return null
  try {
    const policy = parseDer(value)
    return policy.tag === 0x30 ? readOid(policy.children[0], 'sigPolicyId') : null
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}
