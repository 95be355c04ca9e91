import { primitives } from '#primitives'
import {
  concat,
  encodeContext,
  encodeElement,
  encodeGeneralizedTime,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  sortSetOf,
  TAG,
} from '../asn1/index.ts'
import { compileSignerInfo, type SignerParts, sha256Identifier } from '../cms/signer-template.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { encodeImprint, type Imprint, MAX_NONCE } from './request.ts'
import { hasTimeStampPurpose } from './verify-token.ts'

export interface TokenSignerParts extends SignerParts {
  /** dotted OID of the TSA policy under which it stamps */
  readonly policy: string
  /** seconds the clock may be off, 1 and more (EN 319 422 §5.2.2: the accuracy is always told) */
  readonly accuracySeconds: number
}

export interface TokenContent {
  readonly messageImprint: Imprint
  /** positive number, at most 20 octets, never used twice by this TSA (RFC 3161 §2.4.2) */
  readonly serialNumber: Uint8Array
  /** cut down to whole seconds */
  readonly genTime: Date
  /** content octets of the INTEGER, as `parseRequest` gives them */
  readonly nonce?: Uint8Array | undefined
  /** whether the certificates go in; yes unless `false` */
  readonly certReq?: boolean
}

export interface PreparedToken {
  /** DER SET OF of the signed attributes: the bytes to sign */
  readonly toSign: Uint8Array
  /** The TimeStampToken, DER. Throws `SIGNATURE_LENGTH_UNEXPECTED` for a signature this key cannot have made. */
  assemble(signature: Uint8Array): Uint8Array
}

/** A TSA's certificate made ready to stamp: synchronous, microseconds a token. */
export interface TokenSigner {
  readonly policy: string
  /** octets of the longest token that can come out */
  readonly maxLength: number
  /** Throws `TypeError` for an imprint, serial number or nonce that cannot be. */
  prepare(content: TokenContent): PreparedToken
}

/**
 * Compiles the tokens of one TSA certificate (RFC 3161 §2.4.2, RFC 5816, EN 319 422): CMS version 3, TSTInfo version 1 with accuracy,
 * SHA-256, signing-certificate-v2. Node only.
 * Throws `CERTIFICATE_REFUSED` when the certificate's extended key usage is not timeStamping, critical and alone (RFC 3161 §2.3), and
 * what `cms.compileSigner` throws.
 */
export function compileTokenSigner(parts: TokenSignerParts): TokenSigner {
  if (!hasTimeStampPurpose(parseCertificate(parts.certificate)))
    throw new PkiError('CERTIFICATE_REFUSED', 'extended key usage: expected timeStamping, critical and alone')
  const { accuracySeconds, policy } = parts
  if (!Number.isSafeInteger(accuracySeconds) || accuracySeconds < 1)
    throw new TypeError('the accuracy is a whole number of seconds, at least 1')
  const signer = compileSignerInfo(parts, OID.tstInfo)
  const head = concat([encodeInteger(1), encodeOid(policy)])
  const accuracy = encodeSequence(encodeInteger(accuracySeconds))
  const version = concat([encodeInteger(3), encodeSetOf(sha256Identifier)])
  const certificates = encodeContext(0, ...sortSetOf([parts.certificate, ...parts.chain]))
  const prepare = (content: TokenContent): PreparedToken => {
    const tstInfo = encodeSequence(
      head,
      encodeImprint(content.messageImprint),
      encodeSerialNumber(content.serialNumber),
      encodeGeneralizedTime(content.genTime),
      accuracy,
      ...(content.nonce === undefined ? [] : [encodeNonce(content.nonce)]),
    )
    const digest = primitives.digestSync('SHA-256', tstInfo)
    const embedded = content.certReq === false ? [] : [certificates]
    return {
      toSign: signer.attributesToSign(digest),
      assemble: (signature) =>
        encodeSequence(
          encodeOid(OID.signedData),
          encodeContext(
            0,
            encodeSequence(
              version,
              encodeSequence(encodeOid(OID.tstInfo), encodeContext(0, encodeOctetString(tstInfo))),
              ...embedded,
              encodeSetOf(signer.encode(digest, signature)),
            ),
          ),
        ),
    }
  }
  return { policy, prepare, maxLength: prepare(longest).assemble(new Uint8Array(signer.maxSignatureLength)).length }
}

const longest: TokenContent = {
  messageImprint: {
    algorithm: 'SHA-512',
    digest: new Uint8Array(64),
    raw: encodeSequence(encodeSequence(encodeOid(OID.sha512), encodeNull()), encodeOctetString(new Uint8Array(64))),
  },
  serialNumber: new Uint8Array(20).fill(0x7f),
  genTime: new Date(0),
  nonce: new Uint8Array(MAX_NONCE).fill(0x7f),
}

function encodeSerialNumber(serialNumber: Uint8Array): Uint8Array {
  const encoded = encodeInteger(serialNumber)
  if (encoded.length > 22 || serialNumber.every((byte) => byte === 0))
    throw new TypeError('a serial number is positive and has at most 20 octets')
  return encoded
}

function encodeNonce(content: Uint8Array): Uint8Array {
  if (content.length < 1 || content.length > MAX_NONCE) throw new TypeError(`a nonce has 1 to ${MAX_NONCE} octets`)
  return encodeElement(TAG.integer, content)
}
