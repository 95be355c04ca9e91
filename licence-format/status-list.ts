// Token Status List (draft-ietf-oauth-status-list) as JWT: places of 4 bits, zlib, base64url.
import { fromBase64Url, toBase64Url } from './base-encodings.ts'
import { deflate, inflate } from './compression.ts'
import { LicenceFormatError } from './errors.ts'
import { expectTrustedJws, type JwsSigner, type ListTrust, type ParsedJws, parseJws, signJws } from './jws.ts'

export const STATUS_LIST_TYPE = 'statuslist+jwt'
export const STATUS_LIST_PLACES = 1 << 20
export const STATUS_LIST_BITS = 4

const TEXT_LIMIT = 4 << 20
const BYTES_LIMIT = 2 << 20

export interface StatusList {
  readonly bits: 1 | 2 | 4 | 8
  readonly bytes: Uint8Array
}

/** Claims of a status list token, JSON. Times are seconds since 1970. */
export interface StatusListPayload {
  readonly sub: string
  readonly iat: number
  readonly exp: number
  readonly ttl: number
  readonly status_list: { readonly bits: 1 | 2 | 4 | 8; readonly lst: string }
}

/** A list as read and unpacked; `jws` is not verified yet. */
export interface ParsedStatusList {
  /** Address of the list: `sub`. */
  readonly address: string
  readonly issuedAt: Date
  readonly expiresAt: Date | null
  readonly ttlSeconds: number | null
  readonly list: StatusList
  readonly jws: ParsedJws
}

/** An empty list: every place reads 0. */
export function createStatusList(places: number = STATUS_LIST_PLACES): StatusList {
  return { bits: STATUS_LIST_BITS, bytes: new Uint8Array(Math.ceil((places * STATUS_LIST_BITS) / 8)) }
}

/** Number of places of a list. */
export function countPlaces(list: StatusList): number {
  return (list.bytes.length * 8) / list.bits
}

/** Value of a place. Throws STATUS_PLACE_OUT_OF_RANGE. */
export function getStatus(list: StatusList, place: number): number {
  const { index, shift } = locate(list, place)
  return (list.bytes[index]! >>> shift) & ((1 << list.bits) - 1)
}

/** Sets a place, in the list itself. Throws STATUS_PLACE_OUT_OF_RANGE or STATUS_VALUE_INVALID. */
export function setStatus(list: StatusList, place: number, value: number): void {
  const { index, shift } = locate(list, place)
  const mask = (1 << list.bits) - 1
  if (!Number.isInteger(value) || value < 0 || value > mask) {
    throw new LicenceFormatError('STATUS_VALUE_INVALID', `expected a value of ${list.bits} bits`)
  }
  list.bytes[index] = (list.bytes[index]! & ~(mask << shift)) | (value << shift)
}

/** Places fill a byte from its least significant bits (draft-ietf-oauth-status-list §4.1). */
function locate(list: StatusList, place: number): { index: number; shift: number } {
  if (!Number.isInteger(place) || place < 0 || place >= countPlaces(list)) {
    throw new LicenceFormatError('STATUS_PLACE_OUT_OF_RANGE', 'the list has no such place')
  }
  const bit = place * list.bits
  return { index: bit >>> 3, shift: bit & 7 }
}

/** The claims of a list for a signer. `address` is where the list is published. */
export async function statusListPayload(
  list: StatusList,
  facts: { address: string; issuedAt: Date; expiresAt: Date; ttlSeconds: number },
): Promise<StatusListPayload> {
  return {
    sub: facts.address,
    iat: Math.floor(facts.issuedAt.getTime() / 1000),
    exp: Math.floor(facts.expiresAt.getTime() / 1000),
    ttl: facts.ttlSeconds,
    status_list: { bits: list.bits, lst: toBase64Url(await deflate(list.bytes)) },
  }
}

/** Signs the claims as `statuslist+jwt`. Throws SIGNING_KEY_UNSUITABLE or JWS_CERTIFICATES_MISSING. */
export function signStatusList(payload: StatusListPayload, signer: JwsSigner): Promise<string> {
  return signJws(payload, STATUS_LIST_TYPE, signer)
}

/** Reads and unpacks a list from hostile text. Throws JWS_*, STATUS_LIST_MALFORMED or STATUS_LIST_TOO_LARGE (over 2 MiB unpacked). */
export async function parseStatusList(text: string): Promise<ParsedStatusList> {
  const jws = parseJws(text.trim(), STATUS_LIST_TYPE, TEXT_LIMIT)
  const { sub, iat, exp, ttl, status_list: packed } = (jws.payload ?? {}) as Partial<StatusListPayload>
  const isTime = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 40
  if (
    typeof sub !== 'string' ||
    !isTime(iat) ||
    (exp !== undefined && !isTime(exp)) ||
    (ttl !== undefined && !isTime(ttl))
  ) {
    throw malformed('expected sub and iat, exp and ttl as times')
  }
  return {
    address: sub,
    issuedAt: new Date(iat * 1000),
    expiresAt: exp === undefined ? null : new Date(exp * 1000),
    ttlSeconds: ttl ?? null,
    list: await unpackStatusList(packed),
    jws,
  }
}

/** Unpacks the `status_list` member of a token. Throws STATUS_LIST_MALFORMED or STATUS_LIST_TOO_LARGE. */
export async function unpackStatusList(packed: unknown): Promise<StatusList> {
  const { bits, lst } = (packed ?? {}) as { bits?: unknown; lst?: unknown }
  if ((bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) || typeof lst !== 'string') {
    throw malformed('expected status_list with bits of 1, 2, 4 or 8 and lst')
  }
  const compressed = fromBase64Url(lst)
  if (!compressed) throw malformed('expected lst in base64url')
  const bytes = await inflate(compressed, BYTES_LIMIT)
  if (!bytes) throw new LicenceFormatError('STATUS_LIST_TOO_LARGE', 'lst is no zlib stream of at most 2 MiB')
  return { bits, bytes }
}

/** Reads a list and believes it: JWS_SIGNATURE_WRONG, JWS_SIGNER_NOT_TRUSTED beside the refusals of `parseStatusList`. */
export async function verifyStatusList(text: string, trust: ListTrust): Promise<ParsedStatusList> {
  const parsed = await parseStatusList(text)
  await expectTrustedJws(parsed.jws, 'status-list', trust)
  return parsed
}

function malformed(what: string): LicenceFormatError {
  return new LicenceFormatError('STATUS_LIST_MALFORMED', what)
}
