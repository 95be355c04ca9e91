/**
 * pki: certificates, CMS, time stamps, revocation, seals: DER in, DER out.
 *
 * Knows no file, clock, network, SQL or environment, and no other room; runs in Node and in a browser alike (`Uint8Array` throughout;
 * `#primitives` chooses the cryptography). It never holds a private key: it is handed a `SigningKey`.
 *
 * Invariants: hostile bytes meet the strict reader of `asn1` first, within limits; what was signed is always verified over the bytes as
 * they came (signed attributes: over their DER); nothing is signed in which the lint of `ca` finds an error; judgements (paths, signatures,
 * lists) are values, refusals are `PkiError`s.
 * Paths are RFC 5280 §6 whole, policies as RFC 9618 has them, lists and OCSP answers included, within limits; what is not processed
 * refuses.
 */
export { primitives } from '#primitives'
export {
  type AlgorithmTerms,
  currentTerms,
  findAlgorithmEnd,
  findAlgorithmFault,
  findDigestFault,
  type KeyStrength,
} from './algorithm-terms.ts'
export {
  type DigestAlgorithm,
  findScheme,
  type RareDigest,
  type SignatureScheme,
  SM2_DEFAULT_ID,
} from './algorithms.ts'
export * as asn1 from './asn1/index.ts'
export * as ca from './ca/index.ts'
export * as cms from './cms/index.ts'
export { ecdsaFromRaw, ecdsaToRaw } from './ecdsa-signature.ts'
export { PkiError, type PkiErrorCode } from './errors.ts'
export * as eseal from './eseal/index.ts'
export { createKnownBytes } from './known-bytes.ts'
export { OID } from './oids.ts'
export type { Primitives } from './primitives.ts'
export { type PublicKeyInfo, parsePublicKey } from './public-key.ts'
export * as crl from './revocation/index.ts'
export * as ocsp from './revocation/ocsp-index.ts'
export type { SignatureAlgorithm, SigningKey } from './signing-key.ts'
export { encodeSm2Identity, encodeSm2PublicKey } from './sm2.ts'
export * as tsp from './tsp/index.ts'
export * as x509 from './x509/index.ts'
