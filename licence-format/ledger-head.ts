// The signed head of a ledger: how far a chain of links reaches and which digest it ends with. Heads follow every round of linking,
// checkpoints are heads that stay on record. A compact JWS whose payload is canonical JSON.
import { toBase64Url } from './base-encodings.ts'
import { canonicalJson } from './canonical-json.ts'
import { LicenceFormatError } from './errors.ts'
import { expectTrustedJws, type JwsSigner, type ListTrust, type ParsedJws, parseJws, signJws } from './jws.ts'

export const LEDGER_HEAD_TYPE = 'ledger-head+jwt'
const TEXT_LIMIT = 64 << 10

/** What a head says. Digests are SHA-256 in lower-case hex, times ISO 8601 in UTC. */
export interface LedgerHeadPayload {
  readonly format: 'zhengyin-ledger-head'
  readonly version: 1
  /** Names the chain: drawn at random when it began. */
  readonly chain: string
  /** Number of the last link, counted from 1; 0 before the first. */
  readonly sequence: number
  /** Digest of that link; the chain's own name before the first. */
  readonly digest: string
  /** Checkpoints on record by then, this one counted where it is one. */
  readonly checkpoints: number
  readonly kind: 'head' | 'checkpoint'
  readonly signedAt: string
}

/** A head as read; `jws` is not verified yet. */
export interface ParsedLedgerHead {
  readonly payload: LedgerHeadPayload
  readonly jws: ParsedJws
}

/** Signs a head as `ledger-head+jwt` with ES256 and x5c. Throws SIGNING_KEY_UNSUITABLE or JWS_CERTIFICATES_MISSING. */
export function signLedgerHead(payload: LedgerHeadPayload, signer: JwsSigner): Promise<string> {
  return signJws(JSON.parse(new TextDecoder().decode(canonicalJson(payload))) as object, LEDGER_HEAD_TYPE, signer)
}

/** Reads a head from hostile text. Throws JWS_* or LEDGER_HEAD_MALFORMED; a payload that is not canonical JSON is malformed. */
export function parseLedgerHead(text: string): ParsedLedgerHead {
  const jws = parseJws(text, LEDGER_HEAD_TYPE, TEXT_LIMIT)
  if (!isPayload(jws.payload)) throw malformed('expected the members of a ledger head')
  if (toBase64Url(canonicalJson(jws.payload)) !== text.split('.', 2)[1]) throw malformed('expected canonical JSON')
  return { payload: jws.payload, jws }
}

/** Reads a head that nobody signed: canonical JSON, from hostile text. Throws LEDGER_HEAD_MALFORMED. */
export function parseUnsignedLedgerHead(text: string): LedgerHeadPayload {
  if (text.length > TEXT_LIMIT) throw malformed(`expected at most ${TEXT_LIMIT} characters`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw malformed('expected JSON', cause)
  }
  if (!isPayload(value)) throw malformed('expected the members of a ledger head')
  if (new TextDecoder().decode(canonicalJson(value)) !== text) throw malformed('expected canonical JSON')
  return value
}

/** Reads a head and believes it: JWS_SIGNATURE_WRONG, JWS_SIGNER_NOT_TRUSTED beside the refusals of `parseLedgerHead`. */
export async function verifyLedgerHead(text: string, trust: ListTrust): Promise<ParsedLedgerHead> {
  const parsed = parseLedgerHead(text)
  await expectTrustedJws(parsed.jws, 'ledger', trust)
  return parsed
}

const checks: Readonly<Record<keyof LedgerHeadPayload, (value: unknown) => boolean>> = {
  format: (value) => value === 'zhengyin-ledger-head',
  version: (value) => value === 1,
  chain: isDigest,
  sequence: isCount,
  digest: isDigest,
  checkpoints: isCount,
  kind: (value) => value === 'head' || value === 'checkpoint',
  signedAt: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isPayload(value: unknown): value is LedgerHeadPayload {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const names = Object.keys(checks) as (keyof LedgerHeadPayload)[]
  return (
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name) && checks[name]((value as Record<string, unknown>)[name]))
  )
}

function malformed(what: string, cause?: unknown): LicenceFormatError {
  return new LicenceFormatError('LEDGER_HEAD_MALFORMED', what, { cause })
}
