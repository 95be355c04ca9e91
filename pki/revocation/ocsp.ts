import { type AlgorithmIdentifier, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  contextTag,
  type DerElement,
  type DerLimits,
  malformed,
  parseDer,
  readBitStringOctets,
  readExplicit,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  readTime,
  TAG,
} from '../asn1/index.ts'
import { PkiError, withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import { type Extension, parseExtensions } from '../x509/extensions.ts'
import { type Name, parseName } from '../x509/name.ts'
import { type CertId, parseCertId } from './cert-id.ts'
import { parseReason, type RevocationReason } from './reason.ts'

/** What a responder says about one certificate (RFC 6960 §4.2.1). */
export interface SingleResponse {
  readonly certId: CertId
  /** `unknown`: the responder does not know the certificate; others may */
  readonly status: 'good' | 'revoked' | 'unknown'
  /** of a revoked one */
  readonly revocationDate: Date | undefined
  /** of a revoked one; `unspecified` where none is given */
  readonly reason: RevocationReason | undefined
  readonly thisUpdate: Date
  /** absent: newer information is always to be had */
  readonly nextUpdate: Date | undefined
  readonly extensions: ReadonlyMap<string, Extension>
}

/** Who signed: by name or by the SHA-1 of the key's bits. */
export type ResponderId =
  | { readonly kind: 'name'; readonly name: Name }
  | { readonly kind: 'key'; readonly keyHash: Uint8Array }

/** A basic OCSP response (RFC 6960 §4.2). Byte fields are views of `raw`. */
export interface OcspResponse {
  readonly raw: Uint8Array
  /** the signed bytes, ResponseData */
  readonly tbs: Uint8Array
  readonly responderId: ResponderId
  readonly producedAt: Date
  readonly single: readonly SingleResponse[]
  /** content of the nonce's extnValue: normally itself an OCTET STRING */
  readonly nonce: Uint8Array | undefined
  readonly extensions: ReadonlyMap<string, Extension>
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  /** certificates sent along, DER, not yet parsed */
  readonly certificates: readonly Uint8Array[]
}

/** Answers beyond this are refused: real ones take 0.3 to 10 KiB and speak of one certificate. */
const ocspLimits: DerLimits = { maxSize: 1024 * 1024, maxDepth: 30, maxElements: 50_000 }

const statusNames = ['successful', 'malformedRequest', 'internalError', 'tryLater', '', 'sigRequired', 'unauthorized']

/**
 * Parses OCSPResponse from strict DER. Throws `OCSP_MALFORMED`, `DER_LIMIT_EXCEEDED`, or `OCSP_UNSUCCESSFUL` for one that tells an error
 * of the responder instead of an answer. Verifies nothing.
 */
export function parseResponse(der: Uint8Array): OcspResponse {
  return withCode('OCSP_MALFORMED', 'OCSPResponse', () => {
    const [status, wrapped] = readSequence(parseDer(der, ocspLimits), 'OCSPResponse', 1, 2)
    const code = readSmallInteger(status, 'responseStatus', TAG.enumerated)
    const name = statusNames[code]
    if (!name) throw malformed(status!.start, `responseStatus ${code}`)
    if (code !== 0) throw new PkiError('OCSP_UNSUCCESSFUL', `the responder answers ${name}`)
    if (wrapped === undefined) throw malformed(status!.end, 'responseBytes is missing')
    const [type, octets] = readSequence(readExplicit(wrapped, 0, 'responseBytes'), 'responseBytes', 2, 2)
    if (readOid(type, 'responseType') !== OID.ocspBasic) throw malformed(type!.start, 'responseType is not basic')
    return parseBasic(der, parseDer(readOctetString(octets, 'response'), ocspLimits))
  })
}

function parseBasic(raw: Uint8Array, basic: DerElement): OcspResponse {
  const [tbs, algorithm, signature, certificates] = readSequence(basic, 'BasicOCSPResponse', 3, 4)
  return {
    raw,
    ...parseResponseData(tbs!),
    signatureAlgorithm: parseAlgorithmIdentifier(algorithm, 'signatureAlgorithm'),
    signature: readBitStringOctets(signature, 'signature'),
    certificates:
      certificates === undefined
        ? []
        : readSequence(readExplicit(certificates, 0, 'certs'), 'certs').map((certificate) => certificate.raw),
  }
}

type ResponseData = Pick<OcspResponse, 'tbs' | 'responderId' | 'producedAt' | 'single' | 'nonce' | 'extensions'>

function parseResponseData(tbs: DerElement): ResponseData {
  const fields = [...readSequence(tbs, 'ResponseData', 3, 5)]
  if (
    fields[0]!.tag === contextTag(0, true) &&
    readSmallInteger(readExplicit(fields.shift()!, 0, 'version'), 'version')
  )
    throw malformed(tbs.start, 'version is not v1')
  const [responder, produced, responses, wrapped, ...more] = fields
  if (more.length > 0) throw malformed(more[0]!.start, 'ResponseData: unexpected field')
  const extensions =
    wrapped === undefined
      ? new Map<string, Extension>()
      : parseExtensions(readExplicit(wrapped, 1, 'responseExtensions'), 'responseExtensions')
  return {
    tbs: tbs.raw,
    responderId: parseResponderId(responder),
    producedAt: readGeneralizedTime(produced, 'producedAt'),
    single: readSequence(responses, 'responses', 1).map(parseSingle),
    nonce: extensions.get(OID.ocspNonce)?.value,
    extensions,
  }
}

function parseResponderId(element: DerElement | undefined): ResponderId {
  if (element?.tag === contextTag(1, true))
    return { kind: 'name', name: parseName(readExplicit(element, 1, 'byName'), 'byName') }
  if (element?.tag !== contextTag(2, true)) throw malformed(element?.start ?? 0, 'responderID: unexpected choice')
  const keyHash = readOctetString(readExplicit(element, 2, 'byKey'), 'byKey')
  if (keyHash.length !== 20) throw malformed(element.start, 'byKey: expected the 20 octets of SHA-1')
  return { kind: 'key', keyHash }
}

function parseSingle(element: DerElement): SingleResponse {
  const [id, status, thisUpdate, ...rest] = readSequence(element, 'SingleResponse', 3, 5)
  const nextUpdate = rest[0]?.tag === contextTag(0, true) ? rest.shift() : undefined
  const extensions = rest[0]?.tag === contextTag(1, true) ? rest.shift() : undefined
  if (rest.length > 0) throw malformed(rest[0]!.start, 'SingleResponse: unexpected field')
  return {
    certId: parseCertId(id),
    ...parseStatus(status!),
    thisUpdate: readGeneralizedTime(thisUpdate, 'thisUpdate'),
    nextUpdate: nextUpdate && readGeneralizedTime(readExplicit(nextUpdate, 0, 'nextUpdate'), 'nextUpdate'),
    extensions:
      extensions === undefined
        ? new Map()
        : parseExtensions(readExplicit(extensions, 1, 'singleExtensions'), 'singleExtensions'),
  }
}

function parseStatus(element: DerElement): Pick<SingleResponse, 'status' | 'revocationDate' | 'reason'> {
  const isNull = element.contentStart === element.end
  if (element.tag === contextTag(0, false) && isNull)
    return { status: 'good', revocationDate: undefined, reason: undefined }
  if (element.tag === contextTag(2, false) && isNull)
    return { status: 'unknown', revocationDate: undefined, reason: undefined }
  if (element.tag !== contextTag(1, true)) throw malformed(element.start, 'certStatus: unexpected choice')
  const [date, reason, ...more] = element.children
  if (more.length > 0) throw malformed(more[0]!.start, 'RevokedInfo: unexpected field')
  return {
    status: 'revoked',
    revocationDate: readGeneralizedTime(date, 'revocationTime'),
    reason: reason === undefined ? 'unspecified' : parseReason(readExplicit(reason, 0, 'revocationReason')),
  }
}

function readGeneralizedTime(element: DerElement | undefined, what: string): Date {
  if (element !== undefined && element.tag !== TAG.generalizedTime)
    throw malformed(element.start, `${what}: not a GeneralizedTime`)
  return readTime(element, what)
}
