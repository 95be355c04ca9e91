// The receipt of one use of a seal: what was sealed with which seal, by whom, when, by what leave. A compact JWS whose payload is canonical
// JSON. It names documents by digest.
import { toBase64Url } from './base-encodings.ts'
import { canonicalJson } from './canonical-json.ts'
import { LicenceFormatError } from './errors.ts'
import { type JwsSigner, type ParsedJws, parseJws, signJws } from './jws.ts'

export const SEAL_RECEIPT_TYPE = 'seal-use-receipt+jwt'
const TEXT_LIMIT = 64 << 10

/** What a receipt says. Digests are SHA-256 in lower-case hex, times ISO 8601 in UTC. */
export interface SealReceiptPayload {
  readonly format: 'zhengyin-seal-use-receipt'
  readonly version: 1
  /** When the receipt was made. */
  readonly issuedAt: string
  /** The use on record. */
  readonly use: string
  readonly seal: { readonly id: string; readonly name: string; readonly departmentCode: string }
  readonly caller: { readonly id: string; readonly departmentCode: string }
  /** By which authorisation; null where another department's leave allowed it, or none was needed yet. */
  readonly authorisation: string | null
  /** Of the licence or document. */
  readonly identifier: string
  /** Code of the licence type or template, or `documents`. */
  readonly purpose: string
  /** Of the bytes that were handed in. */
  readonly digestBefore: string
  /** Of the bytes that the seal's signature covers. */
  readonly digestAfter: string
  readonly sealedAt: string
}

/** A receipt as read; `jws` is not verified yet. */
export interface ParsedSealReceipt {
  readonly payload: SealReceiptPayload
  readonly jws: ParsedJws
}

/** Signs what a receipt says as `seal-use-receipt+jwt` with ES256 and x5c. Throws SIGNING_KEY_UNSUITABLE or JWS_CERTIFICATES_MISSING. */
export function signSealReceipt(payload: SealReceiptPayload, signer: JwsSigner): Promise<string> {
  return signJws(
    JSON.parse(new TextDecoder().decode(canonicalJson({ ...payload }))) as object,
    SEAL_RECEIPT_TYPE,
    signer,
  )
}

/** Reads a receipt from hostile text. Throws JWS_* or RECEIPT_MALFORMED; a payload that is not canonical JSON is malformed. */
export function parseSealReceipt(text: string): ParsedSealReceipt {
  const jws = parseJws(text, SEAL_RECEIPT_TYPE, TEXT_LIMIT)
  if (!isPayload(jws.payload)) throw malformed('expected the members of a receipt of a use')
  if (toBase64Url(canonicalJson({ ...jws.payload })) !== text.split('.', 2)[1])
    throw malformed('expected canonical JSON')
  return { payload: jws.payload, jws }
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 1_024
const isDigest: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isTime: Check = (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
const isUuid: Check = (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)

/** An object with these members and no others. */
const isObject =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === Object.keys(members).length &&
    Object.entries(members).every(
      ([name, check]) => Object.hasOwn(value, name) && check((value as Record<string, unknown>)[name]),
    )

const members: Readonly<Record<keyof SealReceiptPayload, Check>> = {
  format: (value) => value === 'zhengyin-seal-use-receipt',
  version: (value) => value === 1,
  issuedAt: isTime,
  use: isUuid,
  seal: isObject({ id: isText, name: isText, departmentCode: isText }),
  caller: isObject({ id: isText, departmentCode: isText }),
  authorisation: (value) => value === null || isText(value),
  identifier: isText,
  purpose: isText,
  digestBefore: isDigest,
  digestAfter: isDigest,
  sealedAt: isTime,
}

const isPayload = isObject(members) as (value: unknown) => value is SealReceiptPayload

function malformed(what: string): LicenceFormatError {
  return new LicenceFormatError('RECEIPT_MALFORMED', what)
}
