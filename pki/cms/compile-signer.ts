import {
  concat,
  encodeContext,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  parseDer,
  readSequence,
  sortSetOf,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import type { SignatureAlgorithm } from '../signing-key.ts'
import { compileSignerInfo, type SignerParts, type SignerTemplate, sha256Identifier } from './signer-template.ts'

/**
 * A CMS made ready for one certificate: everything that no document changes is encoded once, and only the message digest, the
 * signature and its time stamp are put in. All functions are synchronous and cost microseconds.
 */
export interface CmsSigner {
  readonly signatureAlgorithm: SignatureAlgorithm
  /** octets of the longest CMS that `assemble` can give, `timeStampLength` included: what a PDF reserves */
  readonly maxLength: number
  /** DER SET OF of the signed attributes around a SHA-256 digest: the bytes to sign. Throws `TypeError` for another length. */
  attributesToSign(messageDigest: Uint8Array): Uint8Array
  /**
   * The finished DER ContentInfo; with a TimeStampToken (DER, over the SHA-256 of `signature`) as the unsigned attribute
   * id-aa-signatureTimeStampToken (RFC 3161 Appendix A, EN 319 122-1 §5.3).
   * Throws `SIGNATURE_LENGTH_UNEXPECTED` for a signature this key cannot have made, `CMS_MALFORMED` for a token that is not DER.
   */
  assemble(messageDigest: Uint8Array, signature: Uint8Array, timeStampToken?: Uint8Array): Uint8Array
}

export interface CompileOptions extends SignerParts {
  /** octets of the longest token that `assemble` will get; 0 unless given */
  readonly timeStampLength?: number
}

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
export function compileSigner(parts: CompileOptions): CmsSigner {
  const { timeStampLength = 0 } = parts
  const signer = compileSignerInfo(parts, OID.data)
  const head = concat([
    encodeInteger(1),
    encodeSetOf(sha256Identifier),
    encodeSequence(encodeOid(OID.data)),
    encodeContext(0, ...sortSetOf([parts.certificate, ...parts.chain])),
  ])
  const skeletons: (Skeleton | undefined)[] = []
  const skeletonFor = (length: number): Skeleton => {
    signer.checkSignatureLength(length)
    return (skeletons[length] ??= encodeSkeleton(head, signer, length))
  }
  const longest =
    timeStampLength === 0
      ? skeletonFor(signer.maxSignatureLength)
      : encodeSkeleton(head, signer, signer.maxSignatureLength, new Uint8Array(timeStampLength))
  return {
    signatureAlgorithm: parts.signatureAlgorithm,
    maxLength: longest.bytes.length,
    attributesToSign: signer.attributesToSign,
    assemble(messageDigest, signature, timeStampToken) {
      if (timeStampToken === undefined)
        return fillSkeleton(skeletonFor(signature.length), messageDigest, signature, true)
      signer.checkSignatureLength(signature.length)
      checkToken(timeStampToken)
      const skeleton = encodeSkeleton(head, signer, signature.length, timeStampToken)
      return fillSkeleton(skeleton, messageDigest, signature, false)
    },
  }
}

function fillSkeleton(
  { bytes, digestAt, signatureAt }: Skeleton,
  messageDigest: Uint8Array,
  signature: Uint8Array,
  isShared: boolean,
): Uint8Array {
  if (messageDigest.length !== 32) throw new TypeError(`expected a SHA-256 digest, got ${messageDigest.length} octets`)
  const filled = isShared ? bytes.slice() : bytes
  filled.set(messageDigest, digestAt)
  filled.set(signature, signatureAt)
  return filled
}

/** A token comes from outside: what is not one DER ContentInfo would make a CMS that nobody reads. */
function checkToken(token: Uint8Array): void {
  withCode('CMS_MALFORMED', 'TimeStampToken', () => readSequence(parseDer(token), 'TimeStampToken', 2, 2))
}

function encodeSkeleton(
  head: Uint8Array,
  { fields, digestAt }: SignerTemplate,
  signatureLength: number,
  token?: Uint8Array,
): Skeleton {
  const signature = encodeOctetString(new Uint8Array(signatureLength))
  const unsigned = token === undefined ? [] : [encodeContext(1, encodeTimeStampAttribute(token))]
  const signerInfo = encodeSequence(fields, signature, ...unsigned)
  const signedData = encodeSequence(head, encodeSetOf(signerInfo))
  const bytes = encodeSequence(encodeOid(OID.signedData), encodeContext(0, signedData))
  const signatureEnd = bytes.length - (unsigned[0]?.length ?? 0)
  return {
    bytes,
    signatureAt: signatureEnd - signatureLength,
    digestAt: signatureEnd - signature.length - fields.length + digestAt,
  }
}

const encodeTimeStampAttribute = (token: Uint8Array): Uint8Array =>
  encodeSequence(encodeOid(OID.timeStampToken), encodeSetOf(token))
