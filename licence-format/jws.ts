// Compact JWS with ES256 and x5c (RFC 7515, RFC 7518 §3.4), as the signed lists use it. The header is closed: alg, typ, x5c, kid.
import { PkiError, type SigningKey, x509 } from '../pki/index.ts'
import { fromBase64Url, toBase64Url } from './base-encodings.ts'
import { ES256_LENGTH, toRawSignature, verifyEs256 } from './ecdsa.ts'
import { LicenceFormatError } from './errors.ts'

const HEADER_LIMIT = 32_768
const MOST_CERTIFICATES = 6
const encoder = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface JwsSigner {
  /** P-256. */
  readonly key: SigningKey
  /** Signer's certificate first, then its issuers without the root; DER. */
  readonly chain: readonly Uint8Array[]
}

export interface ParsedJws {
  readonly payload: unknown
  /** x5c: signer's certificate first; DER. */
  readonly chain: readonly Uint8Array[]
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

/** Signs a JSON payload. Throws SIGNING_KEY_UNSUITABLE or JWS_CERTIFICATES_MISSING. */
export async function signJws(payload: object, typ: string, { key, chain }: JwsSigner): Promise<string> {
  if (key.signatureAlgorithm !== 'ecdsa-with-SHA256') {
    throw new LicenceFormatError('SIGNING_KEY_UNSUITABLE', 'lists are signed with ES256')
  }
  if (chain.length === 0) throw new LicenceFormatError('JWS_CERTIFICATES_MISSING', 'expected the signer’s certificate')
  const header = { alg: 'ES256', typ, x5c: chain.map(toBase64) }
  const input = `${encodeJson(header)}.${encodeJson(payload)}`
  return `${input}.${toBase64Url(toRawSignature(await key.sign(encoder.encode(input))))}`
}

function encodeJson(value: object): string {
  return toBase64Url(encoder.encode(JSON.stringify(value)))
}

const ALPHABET = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PAD = 61

/** Standard base64 with padding, the form of x5c and of TS 119 602 certificates. Documents of many megabytes are written in it too. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4)
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const three = (bytes[from]! << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0)
    text[to] = ALPHABET[three >>> 18]!
    text[to + 1] = ALPHABET[(three >>> 12) & 63]!
    text[to + 2] = from + 1 < bytes.length ? ALPHABET[(three >>> 6) & 63]! : PAD
    text[to + 3] = from + 2 < bytes.length ? ALPHABET[three & 63]! : PAD
  }
  return strictUtf8.decode(text)
}

/** Bytes of standard base64 with padding, or undefined where it is not that. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/**
 * Reads a compact JWS of at most `limit` characters without believing it. Refuses every algorithm but ES256, another `typ`, critical or
 * unknown header members and a missing x5c: JWS_TOO_LARGE, _MALFORMED, _ALGORITHM_WRONG, _TYPE_WRONG, _CRITICAL_HEADER, _CERTIFICATES_MISSING.
 */
export function parseJws(text: string, typ: string, limit: number): ParsedJws {
  if (text.length > limit) throw new LicenceFormatError('JWS_TOO_LARGE', `expected at most ${limit} characters`)
  const [header, payload, signature, ...more] = text.split('.', 4)
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) {
    throw new LicenceFormatError('JWS_MALFORMED', 'expected three parts')
  }
  if (header.length > HEADER_LIMIT) throw new LicenceFormatError('JWS_TOO_LARGE', 'the header is too large')
  const chain = readHeader(parseJson(header), typ)
  const bytes = fromBase64Url(signature)
  if (bytes?.length !== ES256_LENGTH) throw new LicenceFormatError('JWS_MALFORMED', 'expected a signature of 64 bytes')
  return { payload: parseJson(payload), chain, signingInput: encoder.encode(`${header}.${payload}`), signature: bytes }
}

function readHeader(header: unknown, typ: string): Uint8Array[] {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new LicenceFormatError('JWS_MALFORMED', 'expected a header object')
  }
  const { alg, typ: found, x5c, kid, crit, ...rest } = header as Record<string, unknown>
  if (alg !== 'ES256') throw new LicenceFormatError('JWS_ALGORITHM_WRONG', 'expected ES256')
  if (found !== typ) throw new LicenceFormatError('JWS_TYPE_WRONG', `expected typ ${typ}`)
  if (crit !== undefined || Object.keys(rest).length > 0 || (kid !== undefined && typeof kid !== 'string')) {
    throw new LicenceFormatError('JWS_CRITICAL_HEADER', 'expected no header members but alg, typ, x5c and kid')
  }
  const chain = Array.isArray(x5c) && x5c.length <= MOST_CERTIFICATES ? x5c.map(readCertificate) : []
  if (chain.length === 0 || chain.includes(undefined)) {
    throw new LicenceFormatError('JWS_CERTIFICATES_MISSING', 'expected the signer’s certificate chain in x5c')
  }
  return chain as Uint8Array[]
}

function readCertificate(text: unknown): Uint8Array | undefined {
  return typeof text === 'string' ? fromBase64(text) : undefined
}

function parseJson(part: string): unknown {
  const bytes = fromBase64Url(part)
  if (!bytes) throw new LicenceFormatError('JWS_MALFORMED', 'expected base64url without padding')
  try {
    return JSON.parse(strictUtf8.decode(bytes))
  } catch (cause) {
    throw new LicenceFormatError('JWS_MALFORMED', 'expected JSON in UTF-8', { cause })
  }
}

/** Whether the signature is that of the first certificate of x5c; says nothing about trust in it. */
export async function verifyJwsSignature(jws: ParsedJws): Promise<boolean> {
  try {
    const { subjectPublicKeyInfo } = x509.parseCertificate(jws.chain[0]!)
    return await verifyEs256(subjectPublicKeyInfo, jws.signingInput, jws.signature)
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

/** Whom to believe: trust anchors (DER), revocation lists (left out: revocation is not asked), the time to judge at. */
export interface ListTrust {
  readonly anchors: readonly Uint8Array[]
  readonly crls?: readonly Uint8Array[]
  readonly at: Date
}

/** What is signed in this form, each with an extended key usage of its own. */
type ListPurpose = Extract<x509.Purpose, 'status-list' | 'trust-list' | 'ledger'>

/** Validates the signer's chain in x5c to an anchor, with the extended key usage of its list (RFC 5280 §6). */
export function validateListSigner(jws: ParsedJws, purpose: ListPurpose, trust: ListTrust): Promise<x509.PathResult> {
  const [leaf, ...intermediates] = jws.chain
  return x509.validatePath({ leaf: leaf!, intermediates, purpose, ...trust })
}

/** Throws JWS_SIGNATURE_WRONG or JWS_SIGNER_NOT_TRUSTED unless the list is signed by a trusted signer of such lists. */
export async function expectTrustedJws(jws: ParsedJws, purpose: ListPurpose, trust: ListTrust): Promise<void> {
  if (!(await verifyJwsSignature(jws))) {
    throw new LicenceFormatError('JWS_SIGNATURE_WRONG', 'the signature does not fit the list and its signer')
  }
  const { valid, reason } = await validateListSigner(jws, purpose, trust)
  if (!valid) throw new LicenceFormatError('JWS_SIGNER_NOT_TRUSTED', `the signer of the list is not trusted: ${reason}`)
}
