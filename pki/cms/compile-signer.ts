import { encodeSignatureAlgorithm } from '../algorithms.ts'
import {
  concat,
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  sortSetOf,
  TAG,
} from '../asn1/index.ts'
import { maxSignatureLength } from '../ecdsa-signature.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { parsePublicKey } from '../public-key.ts'
import type { SignatureAlgorithm } from '../signing-key.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { encodeBasicAttributes } from './signed-attributes.ts'

/**
 * A CMS made ready for one certificate: everything that no document changes is encoded once, and only the message digest and the
 * signature are put in. Both functions are synchronous and cost microseconds.
 */
export interface CmsSigner {
  readonly signatureAlgorithm: SignatureAlgorithm
  /** octets of the longest CMS that `assemble` can give: what a PDF reserves */
  readonly maxLength: number
  /** DER SET OF of the signed attributes around a SHA-256 digest: the bytes to sign. Throws `TypeError` for another length. */
  attributesToSign(messageDigest: Uint8Array): Uint8Array
  /** The finished DER ContentInfo. Throws `SIGNATURE_LENGTH_UNEXPECTED` for a signature this key cannot have made. */
  assemble(messageDigest: Uint8Array, signature: Uint8Array): Uint8Array
}

export interface SignerParts {
  /** the signer's certificate, DER */
  readonly certificate: Uint8Array
  /** further certificates to embed, DER: the issuing CAs, root last or left out */
  readonly chain: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
}

const DIGEST_LENGTH = 32

/** A DER text with holes: where the digest and the signature begin. */
interface Skeleton {
  readonly bytes: Uint8Array
  readonly digestAt: number
  readonly signatureAt: number
}

/**
 * Compiles the CMS of a PAdES B-B signature (RFC 5652, RFC 5035, EN 319 142-1): detached, SHA-256, signed attributes content-type,
 * message-digest and signing-certificate-v2. Node only (it digests the certificate synchronously).
 * Throws `CERTIFICATE_MALFORMED`, `KEY_MALFORMED`, or `ALGORITHM_UNSUPPORTED` when key and algorithm do not fit.
 */
export function compileSigner(parts: SignerParts): CmsSigner {
  const { signatureAlgorithm } = parts
  const certificate = parseCertificate(parts.certificate)
  const key = parsePublicKey(certificate.subjectPublicKeyInfo)
  if (key.kind !== (signatureAlgorithm === 'ecdsa-with-SHA256' ? 'ec' : 'rsa')) {
    throw new PkiError('ALGORITHM_UNSUPPORTED', `a key of kind ${key.kind} does not sign by ${signatureAlgorithm}`)
  }
  const attributes = encodeBasicAttributes(certificate, new Uint8Array(DIGEST_LENGTH))
  const toSign = encodeElement(TAG.set, ...attributes)
  const digestInSet = findDigestHole(toSign)
  const maxSignature = maxSignatureLength(key.kind, key.bits)
  const minSignature = key.kind === 'rsa' ? maxSignature : 8
  const before = encodeBefore(parts, certificate.issuer.raw, certificate.serialNumber, attributes)
  const skeletons: (Skeleton | undefined)[] = []
  const skeletonFor = (length: number): Skeleton => {
    if (length < minSignature || length > maxSignature) {
      throw new PkiError(
        'SIGNATURE_LENGTH_UNEXPECTED',
        `expected ${minSignature} to ${maxSignature} octets, got ${length}`,
      )
    }
    return (skeletons[length] ??= encodeSkeleton(before, length))
  }
  return {
    signatureAlgorithm,
    maxLength: skeletonFor(maxSignature).bytes.length,
    attributesToSign(messageDigest) {
      checkDigest(messageDigest)
      const filled = toSign.slice()
      filled.set(messageDigest, digestInSet)
      return filled
    },
    assemble(messageDigest, signature) {
      checkDigest(messageDigest)
      const { bytes, digestAt, signatureAt } = skeletonFor(signature.length)
      const filled = bytes.slice()
      filled.set(messageDigest, digestAt)
      filled.set(signature, signatureAt)
      return filled
    },
  }
}

function checkDigest(messageDigest: Uint8Array): void {
  if (messageDigest.length !== DIGEST_LENGTH)
    throw new TypeError(`expected a SHA-256 digest, got ${messageDigest.length} octets`)
}

const sha256Identifier = encodeSequence(encodeOid(OID.sha256))
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

/** The parts of a SignedData that do not depend on the signature's length. */
interface Before {
  readonly head: Uint8Array
  readonly signer: Uint8Array
  readonly digestInSigner: number
}

function encodeBefore(
  parts: SignerParts,
  issuer: Uint8Array,
  serialNumber: Uint8Array,
  attributes: readonly Uint8Array[],
): Before {
  const head = concat([
    encodeInteger(1),
    encodeSetOf(sha256Identifier),
    encodeSequence(encodeOid(OID.data)),
    encodeContext(0, ...sortSetOf([parts.certificate, ...parts.chain])),
  ])
  const toAttributes = concat([
    encodeInteger(1),
    encodeSequence(issuer, encodeElement(TAG.integer, serialNumber)),
    sha256Identifier,
  ])
  const signedAttributes = encodeContext(0, ...attributes)
  return {
    head,
    signer: concat([toAttributes, signedAttributes, encodeSignatureAlgorithm(parts.signatureAlgorithm)]),
    digestInSigner: toAttributes.length + findDigestHole(signedAttributes),
  }
}

function encodeSkeleton({ head, signer, digestInSigner }: Before, signatureLength: number): Skeleton {
  const signerInfo = encodeSequence(signer, encodeOctetString(new Uint8Array(signatureLength)))
  const signedData = encodeSequence(head, encodeSetOf(signerInfo))
  const bytes = encodeSequence(encodeOid(OID.signedData), encodeContext(0, signedData))
  const signatureAt = bytes.length - signatureLength
  const signatureHeader = encodeOctetString(new Uint8Array(signatureLength)).length - signatureLength
  return { bytes, signatureAt, digestAt: signatureAt - signatureHeader - signer.length + digestInSigner }
}
