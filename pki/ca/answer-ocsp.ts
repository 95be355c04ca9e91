import { primitives } from '#primitives'
import { encodeSignatureAlgorithm } from '../algorithms.ts'
import {
  encodeBitString,
  encodeContext,
  encodeContextPrimitive,
  encodeElement,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  TAG,
} from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { subjectPublicKeyBits } from '../public-key.ts'
import type { CertId } from '../revocation/cert-id.ts'
import { type RevocationReason, revocationReasons } from '../revocation/reason.ts'
import type { SignatureAlgorithm } from '../signing-key.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { encodeExtension } from './encode-extensions.ts'
import { encodeNonce } from './ocsp-request.ts'

/** What is known of a certificate. `reason` left out or `unspecified` gives no reason code. */
export type CertificateStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly revocationDate: Date; readonly reason?: RevocationReason }
  | { readonly kind: 'unknown' }

export interface SingleAnswer {
  /** as it was asked: its hashes are given back as they came */
  readonly certId: Pick<CertId, 'raw'>
  readonly status: CertificateStatus
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  /** since when the responder keeps what it knew of expired certificates (RFC 6960 §4.4.4) */
  readonly archiveCutoff?: Date
}

export interface OcspContent {
  readonly responses: readonly SingleAnswer[]
  readonly producedAt: Date
  /** of the request, 1 to 128 octets */
  readonly nonce?: Uint8Array | undefined
}

export interface PreparedOcsp {
  /** ResponseData, DER: the bytes to sign */
  readonly toSign: Uint8Array
  /** The OCSPResponse, DER. */
  assemble(signature: Uint8Array): Uint8Array
}

/** A responder's certificate made ready to answer: synchronous, microseconds an answer. */
export interface OcspResponder {
  /** Times are cut to whole seconds. Throws `TypeError` for no answers, times in the wrong order, or an impossible nonce. */
  prepare(content: OcspContent): PreparedOcsp
}

export interface OcspResponderParts {
  /** the responder's certificate, or the CA's own, DER */
  readonly certificate: Uint8Array
  /** further certificates to embed, DER; a responder directly under the CA needs none */
  readonly chain?: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
}

/**
 * Compiles the answers of one responder (RFC 6960 §4.2): by the SHA-1 of its key, its certificate embedded, a CA's own left out. Node only.
 * Throws `CERTIFICATE_MALFORMED`, or `CERTIFICATE_REFUSED` for a certificate that is neither a CA's nor for OCSPSigning (§4.2.2.2).
 */
export function compileOcspResponder(parts: OcspResponderParts): OcspResponder {
  const { subjectPublicKeyInfo, basicConstraints, extKeyUsage } = parseCertificate(parts.certificate)
  const isCa = basicConstraints?.cA === true
  if (!isCa && extKeyUsage?.includes(OID.ocspSigning) !== true)
    throw new PkiError('CERTIFICATE_REFUSED', 'extended key usage: expected OCSPSigning')
  const keyHash = primitives.digestSync('SHA-1', subjectPublicKeyBits(subjectPublicKeyInfo))
  const responderId = encodeContext(2, encodeOctetString(keyHash))
  const algorithm = encodeSignatureAlgorithm(parts.signatureAlgorithm)
  const embedded = [...(isCa ? [] : [parts.certificate]), ...(parts.chain ?? [])]
  const certificates = embedded.length === 0 ? [] : [encodeContext(0, encodeSequence(...embedded))]
  return {
    prepare({ responses, producedAt, nonce }) {
      if (responses.length === 0) throw new TypeError('an OCSP response answers something')
      const toSign = encodeSequence(
        responderId,
        encodeGeneralizedTime(producedAt),
        encodeSequence(...responses.map(encodeSingle)),
        ...(nonce === undefined ? [] : [encodeContext(1, encodeSequence(encodeNonce(nonce)))]),
      )
      return {
        toSign,
        assemble: (signature) =>
          encodeSuccess(encodeSequence(toSign, algorithm, encodeBitString(signature), ...certificates)),
      }
    },
  }
}

function encodeSuccess(basicResponse: Uint8Array): Uint8Array {
  const bytes = encodeSequence(encodeOid(OID.ocspBasic), encodeOctetString(basicResponse))
  return encodeSequence(encodeInteger(0, TAG.enumerated), encodeContext(0, bytes))
}

function encodeSingle({ certId, status, thisUpdate, nextUpdate, archiveCutoff }: SingleAnswer): Uint8Array {
  if (!(thisUpdate < nextUpdate)) throw new TypeError('thisUpdate is not before nextUpdate')
  const cutoff =
    archiveCutoff === undefined
      ? []
      : [encodeExtension(OID.ocspArchiveCutoff, false, encodeGeneralizedTime(archiveCutoff))]
  return encodeSequence(
    certId.raw,
    encodeStatus(status),
    encodeGeneralizedTime(thisUpdate),
    encodeContext(0, encodeGeneralizedTime(nextUpdate)),
    ...(cutoff.length === 0 ? [] : [encodeContext(1, encodeSequence(...cutoff))]),
  )
}

const nothing = new Uint8Array(0)

function encodeStatus(status: CertificateStatus): Uint8Array {
  if (status.kind === 'good') return encodeContextPrimitive(0, nothing)
  if (status.kind === 'unknown') return encodeContextPrimitive(2, nothing)
  const { revocationDate, reason = 'unspecified' } = status
  const code =
    reason === 'unspecified' ? [] : [encodeContext(0, encodeInteger(revocationReasons[reason], TAG.enumerated))]
  return encodeContext(1, encodeGeneralizedTime(revocationDate), ...code)
}

/** OCSPResponseStatus other than successful, by value (RFC 6960 §4.2.1). */
const errorCodes = { malformedRequest: 1, internalError: 2, tryLater: 3, sigRequired: 5, unauthorized: 6 } as const
export type OcspErrorStatus = keyof typeof errorCodes

/** OCSPResponse that tells an error; unsigned, as all of them are. */
export const encodeOcspError = (status: OcspErrorStatus): Uint8Array =>
  encodeSequence(encodeElement(TAG.enumerated, Uint8Array.of(errorCodes[status])))
