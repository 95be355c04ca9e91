import { encodeSignatureAlgorithm } from '../algorithms.ts'
import {
  concat,
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  TAG,
} from '../asn1/index.ts'
import { maxSignatureLength } from '../ecdsa-signature.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { parsePublicKey } from '../public-key.ts'
import type { SignatureAlgorithm } from '../signing-key.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { encodeBasicAttributes } from './signed-attributes.ts'

export interface SignerParts {
  /** the signer's certificate, DER */
  readonly certificate: Uint8Array
  /** further certificates to embed, DER: the issuing CAs, root last or left out */
  readonly chain: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
}

/** The SignerInfo of one certificate, SHA-256, with a hole for the digest: all that no document changes is encoded once. */
export interface SignerTemplate {
  /** SignerInfo's fields up to the signature, their digest zero; where that digest stands */
  readonly fields: Uint8Array
  readonly digestAt: number
  /** octets of the longest signature of this key */
  readonly maxSignatureLength: number
  /** DER SET OF of the signed attributes: the bytes to sign. Throws `TypeError` for another length than that of SHA-256. */
  attributesToSign(messageDigest: Uint8Array): Uint8Array
  /** Throws `SIGNATURE_LENGTH_UNEXPECTED` for a length that no signature of this key has. */
  checkSignatureLength(length: number): void
  /** The whole SignerInfo, without unsigned attributes. */
  encode(messageDigest: Uint8Array, signature: Uint8Array): Uint8Array
}

const DIGEST_LENGTH = 32

export const sha256Identifier = encodeSequence(encodeOid(OID.sha256))

/**
 * Compiles a SignerInfo with the attributes content-type, message-digest and signing-certificate-v2. Node only.
 * Throws `CERTIFICATE_MALFORMED`, `KEY_MALFORMED`, or `ALGORITHM_UNSUPPORTED` when key and algorithm do not fit.
 */
export function compileSignerInfo(parts: Omit<SignerParts, 'chain'>, contentType: string): SignerTemplate {
  const { signatureAlgorithm } = parts
  const certificate = parseCertificate(parts.certificate)
  const key = parsePublicKey(certificate.subjectPublicKeyInfo)
  // SM2 signs over SM3 and in content types of its own (GB/T 35275).
  if (
    key.kind !== (signatureAlgorithm === 'ecdsa-with-SHA256' ? 'ec' : 'rsa') ||
    signatureAlgorithm === 'SM2-with-SM3'
  ) {
    throw new PkiError('ALGORITHM_UNSUPPORTED', `a key of kind ${key.kind} does not sign by ${signatureAlgorithm} here`)
  }
  const attributes = encodeBasicAttributes(certificate, contentType, new Uint8Array(DIGEST_LENGTH))
  const toSign = encodeElement(TAG.set, ...attributes)
  const digestInSet = findDigestHole(toSign)
  const maxSignature = maxSignatureLength(key.kind, key.bits)
  const minSignature = key.kind === 'rsa' ? maxSignature : 8
  const toAttributes = concat([
    encodeInteger(1),
    encodeSequence(certificate.issuer.raw, encodeElement(TAG.integer, certificate.serialNumber)),
    sha256Identifier,
  ])
  const signedAttributes = encodeContext(0, ...attributes)
  const fields = concat([toAttributes, signedAttributes, encodeSignatureAlgorithm(signatureAlgorithm)])
  const digestAt = toAttributes.length + findDigestHole(signedAttributes)
  const checkSignatureLength = (length: number): void => {
    if (length >= minSignature && length <= maxSignature) return
    throw new PkiError(
      'SIGNATURE_LENGTH_UNEXPECTED',
      `expected ${minSignature} to ${maxSignature} octets, got ${length}`,
    )
  }
  return {
    fields,
    digestAt,
    maxSignatureLength: maxSignature,
    checkSignatureLength,
    attributesToSign: (messageDigest) => fill(toSign, digestInSet, messageDigest),
    encode(messageDigest, signature) {
      checkSignatureLength(signature.length)
      return encodeSequence(fill(fields, digestAt, messageDigest), encodeOctetString(signature))
    },
  }
}

/** A copy with the digest in its hole. */
function fill(bytes: Uint8Array, digestAt: number, messageDigest: Uint8Array): Uint8Array {
  if (messageDigest.length !== DIGEST_LENGTH)
    throw new TypeError(`expected a SHA-256 digest, got ${messageDigest.length} octets`)
  const filled = bytes.slice()
  filled.set(messageDigest, digestAt)
  return filled
}

const digestAttributeHead = concat([
  encodeOid(OID.messageDigest),
  Uint8Array.of(TAG.set, DIGEST_LENGTH + 2, TAG.octetString, DIGEST_LENGTH),
])

/** Where the digest's octets begin: right after the head of the message-digest attribute, which occurs once. */
function findDigestHole(bytes: Uint8Array): number {
  for (let at = 0; at + digestAttributeHead.length <= bytes.length; at++) {
    if (digestAttributeHead.every((byte, i) => bytes[at + i] === byte)) return at + digestAttributeHead.length
  }
  throw new TypeError('no message-digest attribute')
}
