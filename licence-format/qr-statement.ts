// The signed statement in a licence's QR code: HTTPS://HOST/Q/<BASE32> of a COSE_Sign1 over a CBOR map with keys 1 to 8, that of a copy 9 beside.
import { primitives, type SigningKey } from '../pki/index.ts'
import { fromBase32, fromBase64Url, toBase32, toBase64Url } from './base-encodings.ts'
import { type CborMap, type CborValue, decodeCbor, encodeCbor } from './cbor.ts'
import { assembleSign1, type CoseSign1, parseSign1, protectedHeader, toBeSigned, verifySign1 } from './cose-sign1.ts'
import { fromEpochDay, toEpochDay } from './dates.ts'
import { toRawSignature } from './ecdsa.ts'
import { LicenceFormatError } from './errors.ts'
import { parseIdentifier } from './identifier.ts'
import type { LicenceData } from './licence-data.ts'
import { publicHolderName } from './masking.ts'
import { isPlainText } from './plain-text.ts'

/** Longest text with a host of 40 characters: QR version 14, level M, alphanumeric. A longer host adds its own length. */
export const STATEMENT_BUDGET = 528
const BUDGET_HOST = 40
const LONGEST_READ = 1024
const LONGEST_HOST = 253
const ELLIPSIS = '…'
const SIGNATURE_LENGTH = 64
const COPY_ID_LENGTH = 16

export interface StatementClaims {
  /** Full identifier, with the root. */
  readonly identifier: string
  /** As the public sees it: masked people, organisations in full (masked in a copy that withholds the name); ends with … where the budget shortened it. */
  readonly holder: string
  /** 证照编号, as printed. */
  readonly number: string
  /** Days in Asia/Shanghai, `YYYY-MM-DD`; `validUntil` null for 长期. */
  readonly validFrom: string
  readonly validUntil: string | null
  /** SHA-256 of licence.json. */
  readonly dataDigest: Uint8Array
  readonly statusList: number
  readonly statusPlace: number
  /** To the second. */
  readonly issuedAt: Date
  /** There in the statement of a copy (加注件), and there alone; status place and digest are then the copy's own. */
  readonly copy?: CopyClaim
}

/** What a statement says of the copy it stands on. */
export interface CopyClaim {
  /** 128 random bits, base64url. */
  readonly copyId: string
  /** To the second. */
  readonly expiresAt: Date
}

/** A statement as read; nothing in it is to be believed before its signature is verified. */
export interface ParsedStatement {
  readonly text: string
  /** Lower case, with the port if there is one. Not under the signature. */
  readonly host: string
  readonly claims: StatementClaims
  /** First 8 bytes of SHA-256 of the statement certificate. */
  readonly keyId: Uint8Array
  readonly message: CoseSign1
}

export interface StatementWriter {
  /** The department's statement key: P-256. */
  readonly key: SigningKey
  /** Its certificate, DER. */
  readonly certificate: Uint8Array
  /** Origin of the public page: `https://licence.example.gov.cn`. */
  readonly baseUrl: string
}

/** The claims of a licence; status place, digest and time come from the register. */
export function toStatementClaims(
  data: LicenceData,
  facts: { dataDigest: Uint8Array; statusList: number; statusPlace: number; issuedAt: Date },
): StatementClaims {
  const { identifier, number, validFrom, validUntil } = data
  const copy = data.copy && { copyId: data.copy.copyId, expiresAt: new Date(data.copy.expiresAt) }
  return { identifier, holder: statementHolder(data), number, validFrom, validUntil, ...facts, ...(copy && { copy }) }
}

/** The holder as a statement names it: every holder as the public sees it, joined by 、. */
export function statementHolder(data: Pick<LicenceData, 'holders'>): string {
  return data.holders.map(publicHolderName).join('、')
}

/** Whether a statement's holder stands for `full`: the same, or a beginning of it shortened to the budget. */
export function isStatementHolder(claimed: string, full: string): boolean {
  return claimed === full || (claimed.endsWith(ELLIPSIS) && full.startsWith(claimed.slice(0, -ELLIPSIS.length)))
}

/** The key identifier of a statement certificate: first 8 bytes of SHA-256 over its DER. */
export async function statementKeyId(certificate: Uint8Array): Promise<Uint8Array> {
  return (await primitives.digest('SHA-256', certificate)).slice(0, 8)
}

/**
 * Signs a statement and writes its text. A holder that does not fit the budget is shortened with …; no other claim ever is.
 * Throws STATEMENT_CLAIM_INVALID, STATEMENT_OVER_BUDGET, STATEMENT_BASE_URL_UNUSABLE or SIGNING_KEY_UNSUITABLE.
 */
export async function encodeStatement(claims: StatementClaims, writer: StatementWriter): Promise<string> {
  const header = protectedHeader(await statementKeyId(writer.certificate))
  const { prefix, payload } = prepare(claims, writer, header)
  const signature = toRawSignature(await writer.key.sign(toBeSigned(header, payload)))
  return prefix + toBase32(assembleSign1(header, payload, signature))
}

/** As `encodeStatement`, for a key held in memory (Node only). A key without `signSync` is a TypeError. */
export function encodeStatementSync(claims: StatementClaims, writer: StatementWriter): string {
  if (!writer.key.signSync) throw new TypeError('encodeStatementSync needs a key held in memory')
  const header = protectedHeader(primitives.digestSync('SHA-256', writer.certificate).slice(0, 8))
  const { prefix, payload } = prepare(claims, writer, header)
  const signature = toRawSignature(writer.key.signSync(toBeSigned(header, payload)))
  return prefix + toBase32(assembleSign1(header, payload, signature))
}

function prepare(claims: StatementClaims, writer: StatementWriter, header: Uint8Array) {
  if (writer.key.signatureAlgorithm !== 'ecdsa-with-SHA256') {
    throw new LicenceFormatError('SIGNING_KEY_UNSUITABLE', 'statements are signed with ES256')
  }
  const prefix = statementPrefix(writer.baseUrl)
  const host = prefix.length - 'HTTPS://'.length - '/Q/'.length
  const budget = STATEMENT_BUDGET + Math.max(0, host - BUDGET_HOST)
  const room = Math.floor(((budget - prefix.length) * 5) / 8)
  const envelope = assembleSign1(header, new Uint8Array(256), new Uint8Array(SIGNATURE_LENGTH)).length - 256
  return { prefix, payload: fitPayload(claims, room - envelope) }
}

function statementPrefix(baseUrl: string): string {
  const url = URL.parse(baseUrl)
  if (!url || !/^https?:$/.test(url.protocol) || url.host.length > LONGEST_HOST || !/^[a-z0-9.:-]+$/.test(url.host)) {
    throw new LicenceFormatError('STATEMENT_BASE_URL_UNUSABLE', 'expected an http(s) address with a plain host name')
  }
  return `HTTPS://${url.host.toUpperCase()}/Q/`
}

function fitPayload(claims: StatementClaims, room: number): Uint8Array {
  const fault = claimFault(claims)
  if (fault) throw new LicenceFormatError('STATEMENT_CLAIM_INVALID', `the claim ${fault} does not fit a statement`)
  const payload = encodePayload(claims, claims.holder)
  if (payload.length <= room) return payload
  const characters = [...claims.holder.replace(/…$/, '')]
  while (characters.length > 1) {
    characters.pop()
    const shorter = encodePayload(claims, characters.join('') + ELLIPSIS)
    if (shorter.length <= room) return shorter
  }
  throw new LicenceFormatError(
    'STATEMENT_OVER_BUDGET',
    'the statement does not fit its QR code even with a short holder',
  )
}

function encodePayload(claims: StatementClaims, holder: string): Uint8Array {
  return encodeCbor(
    new Map<number, CborValue>([
      [1, parseIdentifier(claims.identifier).short],
      [2, holder],
      [3, claims.number],
      [4, toEpochDay(claims.validFrom)],
      [5, claims.validUntil === null ? null : toEpochDay(claims.validUntil)],
      [6, claims.dataDigest],
      [7, [claims.statusList, claims.statusPlace]],
      [8, toSeconds(claims.issuedAt)],
      ...(claims.copy ? [[9, encodeCopy(claims.copy)] as const] : []),
    ]),
  )
}

const toSeconds = (instant: Date): number => Math.floor(instant.getTime() / 1000)
const encodeCopy = ({ copyId, expiresAt }: CopyClaim): CborValue => [fromBase64Url(copyId)!, toSeconds(expiresAt)]

function claimFault(claims: StatementClaims): string | null {
  const isCount = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 31
  if (!isPlainText(claims.holder)) return 'holder'
  if (!isPlainText(claims.number)) return 'number'
  if (claims.dataDigest.length !== 32) return 'dataDigest'
  if (!isCount(claims.statusList)) return 'statusList'
  if (!isCount(claims.statusPlace)) return 'statusPlace'
  if (claims.validUntil !== null && claims.validUntil < claims.validFrom) return 'validUntil'
  if (!isInstant(claims.issuedAt)) return 'issuedAt'
  return claims.copy && copyClaimFault(claims.copy, claims.issuedAt) ? 'copy' : null
}

const isInstant = (instant: Date): boolean => instant.getTime() >= 0 && instant.getTime() / 1000 < 2 ** 40

/** A copy ends after it was made. */
const copyClaimFault = ({ copyId, expiresAt }: CopyClaim, issuedAt: Date): boolean =>
  fromBase64Url(copyId)?.length !== COPY_ID_LENGTH ||
  !isInstant(expiresAt) ||
  toSeconds(expiresAt) <= toSeconds(issuedAt)

/**
 * Reads the text of a QR code, in any case, from a hostile source; says by its code what is wrong with it. Accepts only the one
 * form a writer makes: HTTPS, a plain host, /Q/, canonical base32, deterministic CBOR, exactly the claims 1 to 8, and 9 on a copy.
 */
export function parseStatement(text: string): ParsedStatement {
  const { host, encoded } = splitAddress(text)
  const decoded = fromBase32(encoded)
  if (!decoded) throw new LicenceFormatError('STATEMENT_BASE32_MALFORMED', 'expected base32 after /Q/')
  const message = parseSign1(decoded.bytes)
  if (!decoded.isCanonical) {
    throw new LicenceFormatError(
      'STATEMENT_BASE32_NOT_CANONICAL',
      'the end of the text holds bits that belong to no byte',
    )
  }
  return { text, host, claims: readClaims(decodeCbor(message.payload)), keyId: message.keyId, message }
}

function splitAddress(text: string): { host: string; encoded: string } {
  if (text.length > LONGEST_READ)
    throw new LicenceFormatError('STATEMENT_TOO_LONG', `more than ${LONGEST_READ} characters`)
  if (/[^\x21-\x7e]/.test(text)) {
    throw new LicenceFormatError('STATEMENT_NOT_ASCII', 'characters that only look like those of an address')
  }
  const upper = text.toUpperCase()
  if (!upper.startsWith('HTTPS://')) throw new LicenceFormatError('STATEMENT_SCHEME_WRONG', 'expected HTTPS://')
  const match = /^HTTPS:\/\/([A-Z0-9](?:[A-Z0-9.-]{0,251}[A-Z0-9])?(?::\d{1,5})?)\/Q\/([^/?#]*)$/.exec(upper)
  if (!match) throw new LicenceFormatError('STATEMENT_ADDRESS_MALFORMED', 'expected HTTPS://HOST/Q/ and a statement')
  return { host: match[1]!.toLowerCase(), encoded: match[2]! }
}

function readClaims(map: CborValue): StatementClaims {
  if (!(map instanceof Map)) throw new LicenceFormatError('STATEMENT_CLAIM_MISSING', 'expected a map of claims')
  for (const key of map.keys()) {
    if (key < 1 || key > 9) throw new LicenceFormatError('STATEMENT_CLAIM_UNKNOWN', `claim ${key} is not known`)
  }
  for (let key = 1; key <= 8; key++) {
    if (!map.has(key)) throw new LicenceFormatError('STATEMENT_CLAIM_MISSING', `claim ${key} is missing`)
  }
  try {
    return toClaims(map)
  } catch (cause) {
    if (!(cause instanceof LicenceFormatError) || cause.code === 'STATEMENT_CLAIM_INVALID') throw cause
    throw new LicenceFormatError('STATEMENT_CLAIM_INVALID', cause.message, { cause })
  }
}

function toClaims(map: CborMap): StatementClaims {
  const place = map.get(7)
  const [statusList, statusPlace, ...more] = Array.isArray(place) ? place : []
  const [identifier, holder, number, from, until, digest, issued] = [1, 2, 3, 4, 5, 6, 8].map((key) => map.get(key))
  if (
    !(typeof identifier === 'string' && typeof holder === 'string' && typeof number === 'string') ||
    !(typeof from === 'number' && (until === null || typeof until === 'number') && digest instanceof Uint8Array) ||
    !(
      typeof statusList === 'number' &&
      typeof statusPlace === 'number' &&
      more.length === 0 &&
      typeof issued === 'number'
    )
  ) {
    throw new LicenceFormatError('STATEMENT_CLAIM_INVALID', 'a claim is of the wrong type')
  }
  const parsed = parseIdentifier(identifier)
  const claims: StatementClaims = {
    identifier: parsed.text,
    holder,
    number,
    validFrom: fromEpochDay(from),
    validUntil: until === null ? null : fromEpochDay(until),
    dataDigest: digest,
    statusList,
    statusPlace,
    issuedAt: new Date(issued * 1000),
    ...(map.has(9) && { copy: readCopy(map.get(9)) }),
  }
  const fault = parsed.short !== identifier ? 'identifier' : claimFault(claims)
  if (fault) throw new LicenceFormatError('STATEMENT_CLAIM_INVALID', `the claim ${fault} is out of bounds`)
  return claims
}

function readCopy(value: CborValue | undefined): CopyClaim {
  const [id, expiry, ...more] = Array.isArray(value) ? value : []
  if (!(id instanceof Uint8Array) || typeof expiry !== 'number' || more.length > 0)
    throw new LicenceFormatError('STATEMENT_CLAIM_INVALID', 'the claim of a copy is of the wrong type')
  return { copyId: toBase64Url(id), expiresAt: new Date(expiry * 1000) }
}

/** Whether the statement was signed by this P-256 key (SubjectPublicKeyInfo, DER). */
export function verifyStatement(statement: ParsedStatement, publicKey: Uint8Array): Promise<boolean> {
  return verifySign1(statement.message, publicKey)
}
