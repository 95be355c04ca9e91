import type { DigestAlgorithm } from '../algorithms.ts'
import { digestLength, encodeDigestAlgorithm, findDigest, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  contextTag,
  type DerElement,
  type DerLimits,
  encodeBoolean,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  malformed,
  parseDer,
  readBoolean,
  readIntegerBytes,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  TAG,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import { parseExtensions } from '../x509/extensions.ts'
import type { Refusal } from './response.ts'

/** What is stamped: a digest and how it was made; `algorithm` is `undefined` for one that is not ours. */
export interface MessageImprint {
  readonly algorithm: DigestAlgorithm | undefined
  /** dotted OID of the digest algorithm */
  readonly algorithmOid: string
  readonly digest: Uint8Array
  /** as it came */
  readonly raw: Uint8Array
}

/**
 * A SHA-256 digest alone, or a digest with its algorithm. One that came in a request has its `raw` form, which is given back as it is:
 * a token's imprint is the request's (RFC 3161 §2.4.2), parameters of the algorithm included.
 */
export type Imprint =
  | Uint8Array
  | Pick<MessageImprint, 'algorithm' | 'digest'>
  | Pick<MessageImprint, 'algorithm' | 'digest' | 'raw'>

/** TimeStampReq (RFC 3161 §2.4.1) as it came: well-formed, nothing judged. */
export interface TimeStampRequest {
  readonly version: number
  readonly messageImprint: MessageImprint
  /** dotted OID of the policy asked for */
  readonly policy: string | undefined
  /** content octets of the INTEGER, to be given back as they are */
  readonly nonce: Uint8Array | undefined
  readonly certReq: boolean
  /** dotted OIDs of the extensions */
  readonly extensions: readonly string[]
}

export interface RequestFields {
  readonly messageImprint: Imprint
  /** random octets, taken as a positive number */
  readonly nonce?: Uint8Array
  readonly policy?: string
  readonly certReq: boolean
}

/** A request holds a digest, two identifiers and a number. */
const requestLimits: DerLimits = { maxSize: 8 * 1024, maxDepth: 8, maxElements: 200 }

/** Octets of a nonce that is still a nonce; more is somebody's data on its way through. */
export const MAX_NONCE = 64

/** Encodes a TimeStampReq. Throws `TypeError` for a digest that does not fit its algorithm. */
export function encodeRequest({ messageImprint, nonce, policy, certReq }: RequestFields): Uint8Array {
  return encodeSequence(
    encodeInteger(1),
    encodeImprint(messageImprint),
    ...(policy === undefined ? [] : [encodeOid(policy)]),
    ...(nonce === undefined ? [] : [encodeInteger(nonce)]),
    ...(certReq ? [encodeBoolean(true)] : []),
  )
}

/** MessageImprint, DER. */
export function encodeImprint(imprint: Imprint): Uint8Array {
  const { algorithm, digest } =
    imprint instanceof Uint8Array ? { algorithm: 'SHA-256' as const, digest: imprint } : imprint
  if (algorithm === undefined || digest.length !== digestLength(algorithm))
    throw new TypeError(`a digest of ${digest.length} octets is not one by ${algorithm}`)
  if (!(imprint instanceof Uint8Array) && 'raw' in imprint) return imprint.raw
  return encodeSequence(encodeDigestAlgorithm(algorithm), encodeOctetString(digest))
}

/** Parses MessageImprint; throws `DER_MALFORMED`. */
export function parseImprint(element: DerElement | undefined): MessageImprint {
  const [algorithm, hashedMessage] = readSequence(element, 'messageImprint', 2, 2)
  const identifier = parseAlgorithmIdentifier(algorithm, 'hashAlgorithm')
  return {
    algorithm: findDigest(identifier),
    algorithmOid: identifier.oid,
    digest: readOctetString(hashedMessage, 'hashedMessage'),
    raw: element!.raw,
  }
}

/**
 * Parses a TimeStampReq from strict DER; throws `TSP_MALFORMED` or `DER_LIMIT_EXCEEDED`, to which a TSA answers badDataFormat.
 * What the TSA does not support (an algorithm, a policy, an extension) is said by `findRefusal`.
 */
export function parseRequest(der: Uint8Array): TimeStampRequest {
  return withCode('TSP_MALFORMED', 'TimeStampReq', () => {
    const fields = [...readSequence(parseDer(der, requestLimits), 'TimeStampReq', 2, 6)]
    const next = (tag: number): DerElement | undefined => (fields[0]?.tag === tag ? fields.shift() : undefined)
    const version = readSmallInteger(fields.shift(), 'version')
    const messageImprint = parseImprint(fields.shift())
    const policy = next(TAG.oid)
    const nonce = next(TAG.integer)
    const certReq = next(TAG.boolean)
    const extensions = next(contextTag(0, true))
    if (fields.length > 0) throw malformed(fields[0]!.start, 'TimeStampReq: unexpected field')
    return {
      version,
      messageImprint,
      policy: policy && readOid(policy, 'reqPolicy'),
      nonce: nonce && readIntegerBytes(nonce, 'nonce'),
      certReq: certReq !== undefined && readBoolean(certReq, 'certReq'),
      extensions: extensions === undefined ? [] : readExtensionOids(extensions),
    }
  })
}

/** Extensions under an IMPLICIT tag: the names are enough, since none is supported. */
function readExtensionOids(element: DerElement): string[] {
  const wrapped = parseDer(encodeSequence(element.content), requestLimits)
  return [...parseExtensions(wrapped, 'extensions').keys()]
}

/**
 * Why a TSA with these policies (dotted OIDs) does not stamp a request, as PKIFailureInfo (RFC 3161 §2.4.1, §2.4.2); `null`: it may.
 * SHA-1 is refused: a stamp over it proves nothing (EN 319 422 §5.1.2, ETSI TS 119 312).
 */
export function findRefusal(request: TimeStampRequest, policies: readonly string[]): Refusal | null {
  const { version, messageImprint, policy, nonce, extensions } = request
  const { algorithm, digest } = messageImprint
  if (version !== 1) return { failureInfo: 'badRequest', text: 'only version 1 of the request is known' }
  if (algorithm === undefined || algorithm === 'SHA-1')
    return { failureInfo: 'badAlg', text: 'the imprint must be by SHA-256, SHA-384, SHA-512 or SM3' }
  if (digest.length !== digestLength(algorithm))
    return { failureInfo: 'badDataFormat', text: 'the imprint is not as long as its algorithm makes it' }
  if (nonce !== undefined && nonce.length > MAX_NONCE)
    return { failureInfo: 'badRequest', text: `a nonce has at most ${MAX_NONCE} octets` }
  if (extensions.length > 0) return { failureInfo: 'unacceptedExtension', text: 'no extension is supported' }
  if (policy !== undefined && !policies.includes(policy))
    return { failureInfo: 'unacceptedPolicy', text: 'this policy is not offered' }
  return null
}
