import { encodeSignatureAlgorithm } from '../algorithms.ts'
import {
  concat,
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
  parseDer,
  sortSetOf,
  TAG,
} from '../asn1/index.ts'
import { ecdsaFromRaw, ecdsaToRaw } from '../ecdsa-signature.ts'
import { PkiError, withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import { parsePublicKey } from '../public-key.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import type { CmsSigner } from './compile-signer.ts'
import { type CmsReading, parseSignedData, type SignedData } from './signed-data.ts'
import { type SignedContent, type SignerVerification, verifySignedData } from './verify-signed-data.ts'

/**
 * The SubFilter under which such a signature stands in a PDF. No standard names one, so this is of this house: the value of /Contents
 * is a detached SignedData of GB/T 35275 whose message-digest is SM3 over the octets of /ByteRange.
 */
export const GM_SUB_FILTER = 'Zhengyin.GBT35275.detached'

/**
 * Both forms are found in OFD files. `attributes`: detached, signed attributes, digest SM3 without Z, signature named "SM2 signature",
 * DER. `content`: the digest is the attached content and is signed itself, no attributes, SM2-with-SM3, r ‖ s.
 */
export type GmDialect = 'attributes' | 'content'

export interface GmSignerParts {
  /** the signer's certificate, of an SM2 key, DER */
  readonly certificate: Uint8Array
  /** further certificates to embed, DER */
  readonly chain: readonly Uint8Array[]
  /** default `attributes` */
  readonly dialect?: GmDialect
  /** the signer's word in a signed attribute, to the second; `attributes` only, left out unless given */
  readonly signingTime?: Date
  /** octets of the longest token that `assemble` will get; 0 unless given */
  readonly timeStampLength?: number
}

const DIGEST_LENGTH = 32
const SIGNATURE_WIDTH = 32
const sm3Identifier = encodeSequence(encodeOid(OID.sm3), encodeNull())

/** Parses SignedData of GB/T 35275 (or of RFC 5652: the fields are the same); throws as `parseSignedData` does. */
export const parseGmSignedData = (bytes: Uint8Array, reading: CmsReading = {}): SignedData =>
  parseSignedData(bytes, { ...reading, allowGm: true })

/**
 * Verifies every signer by SM2 alone, as GB/T 35275 is practised, in both dialects. What RFC 5652 would not take and this does:
 * the content types "data" of PKCS #7 and of GB/T 35275 are the same; an attached content counts for a given document when it is that
 * document or its SM3 digest; a signature may be r ‖ s; without attributes any content is signed but one that is itself a SET.
 */
export const verifyGmSignedData = (signedData: SignedData, signed: SignedContent = {}): Promise<SignerVerification[]> =>
  verifySignedData(signedData, { ...signed, isGm: true })

/**
 * Makes a SignedData of GB/T 35275 for one certificate. `attributesToSign` takes an SM3 digest; what it returns is signed by a key of
 * `SM2-with-SM3`. Throws `CERTIFICATE_MALFORMED`, `KEY_MALFORMED`, and `ALGORITHM_UNSUPPORTED` for a key other than SM2's.
 */
export function compileGmSigner(parts: GmSignerParts): CmsSigner {
  const { dialect = 'attributes', timeStampLength = 0 } = parts
  const certificate = parseCertificate(parts.certificate)
  const key = parsePublicKey(certificate.subjectPublicKeyInfo)
  if (key.kind !== 'sm2') throw new PkiError('ALGORITHM_UNSUPPORTED', `GB/T 35275 with a key of kind ${key.kind}`)
  const assemble = dialect === 'attributes' ? assembleWithAttributes : assembleWithContent
  const token = timeStampLength === 0 ? undefined : new Uint8Array(timeStampLength)
  return {
    signatureAlgorithm: 'SM2-with-SM3',
    maxLength: assemble(parts, certificate, new Uint8Array(DIGEST_LENGTH), LONGEST_SIGNATURE, token).length,
    attributesToSign(messageDigest) {
      checkDigest(messageDigest)
      return dialect === 'content'
        ? messageDigest.slice()
        : encodeElement(TAG.set, ...encodeAttributes(parts, messageDigest))
    },
    assemble(messageDigest, signature, timeStampToken) {
      checkDigest(messageDigest)
      if (timeStampToken !== undefined) withCode('CMS_MALFORMED', 'time-stamp token', () => parseDer(timeStampToken))
      return assemble(parts, certificate, messageDigest, signature, timeStampToken)
    },
  }
}

/** r and s with their top bits set: each takes a zero octet before it. */
const LONGEST_SIGNATURE = ecdsaFromRaw(new Uint8Array(2 * SIGNATURE_WIDTH).fill(0xff))

function checkDigest(messageDigest: Uint8Array): void {
  if (messageDigest.length !== DIGEST_LENGTH)
    throw new TypeError(`expected an SM3 digest, got ${messageDigest.length} octets`)
}

function encodeAttributes({ signingTime }: GmSignerParts, messageDigest: Uint8Array): Uint8Array[] {
  const attribute = (type: string, value: Uint8Array): Uint8Array => encodeSequence(encodeOid(type), encodeSetOf(value))
  return sortSetOf([
    attribute(OID.contentType, encodeOid(OID.gmData)),
    attribute(OID.messageDigest, encodeOctetString(messageDigest)),
    ...(signingTime === undefined ? [] : [attribute(OID.signingTime, encodeTime(signingTime))]),
  ])
}

type Assemble = (
  parts: GmSignerParts,
  certificate: Certificate,
  messageDigest: Uint8Array,
  signature: Uint8Array,
  timeStampToken: Uint8Array | undefined,
) => Uint8Array

const assembleWithAttributes: Assemble = (parts, certificate, messageDigest, signature, timeStampToken) => {
  toRaw(signature)
  return encodeContentInfo(
    parts,
    encodeSequence(encodeOid(OID.data)),
    concat([
      encodeSignerStart(certificate),
      encodeContext(0, ...encodeAttributes(parts, messageDigest)),
      encodeSequence(encodeOid(OID.sm2Sign), encodeNull()),
      encodeOctetString(signature),
      encodeTimeStamp(timeStampToken),
    ]),
  )
}

const assembleWithContent: Assemble = (parts, certificate, messageDigest, signature, timeStampToken) =>
  encodeContentInfo(
    parts,
    encodeSequence(encodeOid(OID.gmData), encodeContext(0, encodeOctetString(messageDigest))),
    concat([
      encodeSignerStart(certificate),
      encodeSignatureAlgorithm('SM2-with-SM3'),
      encodeOctetString(toRaw(signature)),
      encodeTimeStamp(timeStampToken),
    ]),
  )

/** Refuses what no SM2 key signs, as `compileSigner` does. */
function toRaw(signature: Uint8Array): Uint8Array {
  try {
    return ecdsaToRaw(signature, SIGNATURE_WIDTH)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw new PkiError('SIGNATURE_LENGTH_UNEXPECTED', 'expected an SM2 signature in DER', { cause: error })
  }
}

/** SignerInfo up to the digest algorithm. */
function encodeSignerStart(certificate: Certificate): Uint8Array {
  return concat([
    encodeInteger(1),
    encodeSequence(certificate.issuer.raw, encodeElement(TAG.integer, certificate.serialNumber)),
    sm3Identifier,
  ])
}

function encodeTimeStamp(token: Uint8Array | undefined): Uint8Array {
  return token === undefined
    ? new Uint8Array(0)
    : encodeContext(1, encodeSequence(encodeOid(OID.timeStampToken), encodeSetOf(token)))
}

function encodeContentInfo(parts: GmSignerParts, content: Uint8Array, signer: Uint8Array): Uint8Array {
  const signedData = encodeSequence(
    encodeInteger(1),
    encodeSetOf(sm3Identifier),
    content,
    encodeContext(0, ...sortSetOf([parts.certificate, ...parts.chain])),
    encodeSetOf(encodeSequence(signer)),
  )
  return encodeSequence(encodeOid(OID.gmSignedData), encodeContext(0, signedData))
}
