import { type AlgorithmIdentifier, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  contextTag,
  type DerElement,
  encodeElement,
  equalBytes,
  isNullOrAbsent,
  malformed,
  parseDer,
  readSequence,
  TAG,
} from '../asn1/index.ts'
import { OID } from '../oids.ts'
import { findSingleValue } from './signed-attributes.ts'
import type { SignerInfo } from './signed-data.ts'

/**
 * Whether the algorithms that CMSAlgorithmProtection signs are those that stand in SignerInfo, where nobody signs them (RFC 6211 §3); true
 * without the attribute. Throws `DER_MALFORMED`.
 */
export function isAlgorithmProtected({
  signedAttributes = [],
  digestAlgorithm,
  signatureAlgorithm,
}: SignerInfo): boolean {
  const value = findSingleValue(signedAttributes, OID.cmsAlgorithmProtection)
  if (value === undefined) return true
  const [digest, signature] = readSequence(value, 'CMSAlgorithmProtection', 2, 2)
  return (
    isSame(parseAlgorithmIdentifier(digest, 'digestAlgorithm'), digestAlgorithm) &&
    isSame(parseAlgorithmIdentifier(untag(signature!), 'signatureAlgorithm'), signatureAlgorithm)
  )
}

/** signatureAlgorithm [1], IMPLICIT. In its place stands macAlgorithm [2] in what is authenticated and not signed. */
function untag(element: DerElement): DerElement {
  if (element.tag !== contextTag(1, true))
    throw malformed(element.start, 'CMSAlgorithmProtection: no signatureAlgorithm')
  return parseDer(encodeElement(TAG.sequence, element.content))
}

/** NULL and no parameters mean the same. */
function isSame(a: AlgorithmIdentifier, b: AlgorithmIdentifier): boolean {
  if (a.oid !== b.oid) return false
  if (isNullOrAbsent(a.parameters) || isNullOrAbsent(b.parameters))
    return isNullOrAbsent(a.parameters) && isNullOrAbsent(b.parameters)
  return equalBytes(a.parameters!.raw, b.parameters!.raw)
}
