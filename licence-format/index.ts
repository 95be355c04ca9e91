/**
 * What a licence carries, whoever writes or reads it: identifier (GB/T 36904), licence.json and its digest, XMP metadata (GB/T 36903),
 * the signed statement in the QR code, the signed status list and trust list, the signed receipts of verifications and of uses of seals,
 * the signed heads of a ledger, and the words of a licence's status.
 *
 * It holds no key, reads no clock and asks nobody; it does not judge a licence (that is `verifier`) nor draw one (`templates`).
 *
 * Invariants: one value has exactly one written form (canonical JSON, deterministic CBOR, canonical base32), and readers refuse every
 * other; what is read is not believed until its signature is verified; runs in Node and in a browser alike, but for the two functions
 * that say "Node only".
 */

export { canonicalJson, type JsonValue } from './canonical-json.ts'
export { creditCodeCheckCharacter, isCreditCode, isIdentityNumber, mod3736 } from './check-characters.ts'
export { type CopyFacts, copyFault, isCopyId, LONGEST_COPY_TEXT } from './copy-facts.ts'
export { dayOf, endOfDay, fromEpochDay, isCalendarDate, startOfDay, toEpochDay, toShanghaiTime } from './dates.ts'
export { LicenceFormatError, type LicenceFormatErrorCode } from './errors.ts'
export * from './identifier.ts'
export {
  fromBase64,
  type JwsSigner,
  type ListTrust,
  type ParsedJws,
  toBase64,
  validateListSigner,
  verifyJwsSignature,
} from './jws.ts'
export * from './ledger-head.ts'
export * from './licence-data.ts'
export * from './masking.ts'
export { licenceXmp, METADATA_NAMESPACE } from './metadata.ts'
export { isPlainText } from './plain-text.ts'
export * from './qr-statement.ts'
export * from './receipt.ts'
export * from './seal-receipt.ts'
export * from './status-list.ts'
export * from './status-words.ts'
export * from './trust-list.ts'
export { type TrustListPayload, trustListPayload } from './trust-list-json.ts'
