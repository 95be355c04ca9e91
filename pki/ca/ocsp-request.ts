import { type DigestAlgorithm, encodeDigestAlgorithm } from '../algorithms.ts'
import {
  contextTag,
  type DerElement,
  type DerLimits,
  encodeContext,
  encodeElement,
  encodeNull,
  encodeOctetString,
  encodeSequence,
  malformed,
  parseDer,
  readExplicit,
  readOctetString,
  readSequence,
  readSmallInteger,
  TAG,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import { type CertId, hashIssuer, parseCertId } from '../revocation/cert-id.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { type Extension, parseExtensions } from '../x509/extensions.ts'
import { encodeExtension } from './encode-extensions.ts'

/** OCSPRequest (RFC 6960 §4.1): what is asked. Who asks (requestorName, signature) is not looked at: answers are public. */
export interface OcspRequest {
  readonly certIds: readonly CertId[]
  /** 1 to 128 octets, to be given back as they are (RFC 9654) */
  readonly nonce: Uint8Array | undefined
}

/** Questions in one request; browsers and validators ask about one certificate. */
const MAX_QUESTIONS = 32
const MAX_NONCE = 128
const requestLimits: DerLimits = { maxSize: 16 * 1024, maxDepth: 20, maxElements: 2000 }

/**
 * Parses an OCSPRequest from strict DER; throws `OCSP_MALFORMED` or `DER_LIMIT_EXCEEDED`, to which a responder answers malformedRequest,
 * also for a nonce of no or more than 128 octets (RFC 9654 §2.1) and for a critical extension that is not known.
 */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  return withCode('OCSP_MALFORMED', 'OCSPRequest', () => {
    const [tbs, signature] = readSequence(parseDer(der, requestLimits), 'OCSPRequest', 1, 2)
    if (signature !== undefined)
      readSequence(readExplicit(signature, 0, 'optionalSignature'), 'optionalSignature', 2, 3)
    const fields = [...readSequence(tbs, 'TBSRequest', 1, 4)]
    const next = (number: number): DerElement | undefined =>
      fields[0]?.tag === contextTag(number, true) ? readExplicit(fields.shift()!, number, 'TBSRequest') : undefined
    const version = next(0)
    if (version !== undefined && readSmallInteger(version, 'version') !== 0)
      throw malformed(version.start, 'version is not v1')
    next(1)
    const list = readSequence(fields.shift(), 'requestList', 1, MAX_QUESTIONS)
    const extensions = next(2)
    if (fields.length > 0) throw malformed(fields[0]!.start, 'TBSRequest: unexpected field')
    return {
      certIds: list.map(parseQuestion),
      nonce: extensions === undefined ? undefined : findNonce(parseExtensions(extensions, 'requestExtensions')),
    }
  })
}

function parseQuestion(element: DerElement): CertId {
  const [certId, wrapped] = readSequence(element, 'Request', 1, 2)
  if (wrapped !== undefined)
    refuseCritical(parseExtensions(readExplicit(wrapped, 0, 'singleRequestExtensions'), 'singleRequestExtensions'))
  return parseCertId(certId)
}

function refuseCritical(extensions: ReadonlyMap<string, Extension>): void {
  for (const { oid, critical } of extensions.values())
    if (critical && oid !== OID.ocspNonce) throw malformed(0, `critical extension ${oid} is not known`)
}

function findNonce(extensions: ReadonlyMap<string, Extension>): Uint8Array | undefined {
  refuseCritical(extensions)
  const extension = extensions.get(OID.ocspNonce)
  if (extension === undefined) return undefined
  const nonce = readOctetString(parseDer(extension.value), 'nonce')
  if (nonce.length < 1 || nonce.length > MAX_NONCE) throw malformed(0, `nonce of ${nonce.length} octets`)
  return nonce
}

/** Extension with a nonce; throws `TypeError` for a length that RFC 9654 does not have. */
export function encodeNonce(nonce: Uint8Array): Uint8Array {
  if (nonce.length < 1 || nonce.length > MAX_NONCE) throw new TypeError(`a nonce has 1 to ${MAX_NONCE} octets`)
  return encodeExtension(OID.ocspNonce, false, encodeOctetString(nonce))
}

/** Encodes an unsigned OCSPRequest about certificates named by `createCertId`. */
export function encodeOcspRequest(request: {
  readonly certIds: readonly CertId[]
  readonly nonce?: Uint8Array
}): Uint8Array {
  const questions = request.certIds.map(({ raw }) => encodeSequence(raw))
  const extensions = request.nonce === undefined ? [] : [encodeContext(2, encodeSequence(encodeNonce(request.nonce)))]
  return encodeSequence(encodeSequence(encodeSequence(...questions), ...extensions))
}

/**
 * Names a certificate by its issuer (DER) and serial number (content octets of the INTEGER): SHA-1 is what RFC 5019 profiles ask by,
 * and only finds the issuer. Throws `CERTIFICATE_MALFORMED`.
 */
export async function createCertId(
  issuer: Uint8Array,
  serialNumber: Uint8Array,
  digest: DigestAlgorithm = 'SHA-1',
): Promise<CertId> {
  const { nameHash, keyHash } = await hashIssuer(parseCertificate(issuer), digest)
  const raw = encodeSequence(
    // With NULL, as nearly every client writes it: an answer made beforehand is found by the octets of the question.
    encodeSequence(parseDer(encodeDigestAlgorithm(digest)).children[0]!.raw, encodeNull()),
    encodeOctetString(nameHash),
    encodeOctetString(keyHash),
    encodeElement(TAG.integer, serialNumber),
  )
  return parseCertId(parseDer(raw))
}
