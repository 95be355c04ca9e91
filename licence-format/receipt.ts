// The receipt of a verification: what was verified, by which lists and policy, when, by whom, with what result. A compact JWS whose payload
// is canonical JSON. It names everything by digest and holds nobody's data.
import { toBase64Url } from './base-encodings.ts'
import { canonicalJson } from './canonical-json.ts'
import { LicenceFormatError } from './errors.ts'
import { type JwsSigner, type ParsedJws, parseJws, signJws } from './jws.ts'

export const RECEIPT_TYPE = 'verification-receipt+jwt'
const TEXT_LIMIT = 256 << 10
const MOST_LISTS = 64

/** A signed list that the verdict rests on. Digest: SHA-256 of its compact JWS, lower-case hex. */
export interface ReceiptList {
  readonly sha256: string
  /** Of a trust list. */
  readonly sequence?: number
  /** Of a status list. */
  readonly address?: string
  /** ISO 8601; left out where the list could not be read. */
  readonly issuedAt?: string
}

/** What a receipt says. Digests are SHA-256 in lower-case hex, times ISO 8601 in UTC. */
export interface ReceiptPayload {
  readonly format: 'zhengyin-verification-receipt'
  readonly version: 1
  /** Subject of the signer's certificate, and the program that judged. */
  readonly verifier: { readonly name: string; readonly software: string }
  /** When the receipt was made, by the verifier's clock. */
  readonly issuedAt: string
  /** The document's bytes, or the text of the QR code in UTF-8. */
  readonly subject: { readonly kind: 'document' | 'statement'; readonly sha256: string }
  /** As of when the verdict holds. */
  readonly validationTime: string
  readonly verdict: 'accepted' | 'refused' | 'undecided'
  readonly reason: string
  /** Of the seals; null for a QR text. */
  readonly indication: string | null
  readonly subIndication: string | null
  readonly trustLists: readonly ReceiptList[]
  readonly statusLists: readonly ReceiptList[]
  /** Digest of the policy as the bundle holds it. */
  readonly policy: string
  /** Digest of the report as canonical JSON. */
  readonly report: string
  /** Digest that names the whole evidence: the bundle's `content`. */
  readonly content: string
}

/** A receipt as read; `jws` is not verified yet. */
export interface ParsedReceipt {
  readonly payload: ReceiptPayload
  readonly jws: ParsedJws
}

/** Signs what a receipt says as `verification-receipt+jwt` with ES256 and x5c. Throws SIGNING_KEY_UNSUITABLE or JWS_CERTIFICATES_MISSING. */
export function signReceipt(payload: ReceiptPayload, signer: JwsSigner): Promise<string> {
  return signJws(JSON.parse(new TextDecoder().decode(canonicalJson(payload))) as object, RECEIPT_TYPE, signer)
}

/** Reads a receipt from hostile text. Throws JWS_* or RECEIPT_MALFORMED; a payload that is not canonical JSON is malformed. */
export function parseReceipt(text: string): ParsedReceipt {
  const jws = parseJws(text, RECEIPT_TYPE, TEXT_LIMIT)
  if (!isPayload(jws.payload)) throw malformed('expected the members of a verification receipt')
  if (toBase64Url(canonicalJson(jws.payload)) !== text.split('.', 2)[1]) throw malformed('expected canonical JSON')
  return { payload: jws.payload, jws }
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value.length <= 4_096
const isTextOrNull: Check = (value) => value === null || isText(value)
const isDigest: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isTime: Check = (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
const isOneOf =
  (...words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

/** An object with these members and no others. */
const isObject =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
    Object.entries(members).every(([name, check]) => check((value as Record<string, unknown>)[name]))

const isList = isObject({
  sha256: isDigest,
  sequence: optional(Number.isSafeInteger),
  address: optional(isText),
  issuedAt: optional(isTime),
})
const areLists: Check = (value) => Array.isArray(value) && value.length <= MOST_LISTS && value.every(isList)

const members: Readonly<Record<keyof ReceiptPayload, Check>> = {
  format: isOneOf('zhengyin-verification-receipt'),
  version: isOneOf(1),
  verifier: isObject({ name: isText, software: isText }),
  issuedAt: isTime,
  subject: isObject({ kind: isOneOf('document', 'statement'), sha256: isDigest }),
  validationTime: isTime,
  verdict: isOneOf('accepted', 'refused', 'undecided'),
  reason: isText,
  indication: isTextOrNull,
  subIndication: isTextOrNull,
  trustLists: areLists,
  statusLists: areLists,
  policy: isDigest,
  report: isDigest,
  content: isDigest,
}

const isPayload = isObject(members) as (value: unknown) => value is ReceiptPayload

function malformed(what: string): LicenceFormatError {
  return new LicenceFormatError('RECEIPT_MALFORMED', what)
}
