import {
  asciiBytes,
  encodeBitString,
  encodeBoolean,
  encodeContext,
  encodeElement,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  encodeUtf8String,
  parseDer,
  TAG,
} from '../asn1/index.ts'
import { ecdsaToRaw } from '../ecdsa-signature.ts'
import { PkiError, withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import { parsePublicKey } from '../public-key.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { isInCertList } from './cert-list.ts'
import { parseSeal } from './parse-seal.ts'
import type { SesCertList, SesExtension, SesPicture } from './types.ts'

/** The layouts that are written: GM/T 0031-2025, and GB/T 38540-2020 for readers that know no later one. */
export type SesWrittenLayout = 'V4' | 'V5'

/** A seal to be made. Times are cut down to whole seconds. */
export interface SealContent {
  /** default `V5` */
  readonly layout?: SesWrittenLayout
  /** who made the software: header.Vid, 1 to 64 letters of ASCII */
  readonly vendorId: string
  /** 14 digits: area code (GB/T 2260) and number */
  readonly esId: string
  readonly property: {
    /** 1 of an organisation, 2 of a person */
    readonly type: number
    /** 1 to 128 characters */
    readonly name: string
    /** those who may sign with it; at least one */
    readonly certList: SesCertList
    readonly createDate: Date
    readonly validStart: Date
    readonly validEnd: Date
  }
  readonly picture: SesPicture
  readonly extensions?: readonly SesExtension[]
}

/** A structure waiting for a signature: `toSign` goes to a key of `SM2-with-SM3`. */
export interface PreparedValue {
  readonly toSign: Uint8Array
  /**
   * The finished DER. `timeStampToken`: a token over the signature (DER), written under [0].
   * Throws `SIGNATURE_LENGTH_UNEXPECTED` for what is no SM2 signature in DER, `ESEAL_MALFORMED` for a token that is not DER.
   */
  assemble(signature: Uint8Array, timeStampToken?: Uint8Array): Uint8Array
}

const MAX_PICTURE = 1024 * 1024
const refuse = (why: string): PkiError => new PkiError('ESEAL_REFUSED', why)

/**
 * Prepares an SESeal for its maker's signature (GB/T 38540 and GM/T 0031: the signature is over SES_SealInfo). A V4 seal takes no time
 * stamp. Throws `ESEAL_REFUSED` for content that no reader should meet, `CERTIFICATE_MALFORMED`, and `ALGORITHM_UNSUPPORTED` for a
 * maker without an SM2 key.
 */
export function prepareSeal(content: SealContent, makerCertificate: Uint8Array): PreparedValue {
  const { layout = 'V5' } = content
  checkContent(content)
  checkSm2Certificate(makerCertificate)
  const info = encodeSealInfo(content, layout)
  return {
    toSign: info,
    assemble(signature, token) {
      if (layout === 'V4' && token !== undefined) throw refuse('a V4 seal carries no time stamp')
      return encodeSigned(info, makerCertificate, signature, token)
    },
  }
}

/** What an SES_Signature binds. */
export interface SignatureContent {
  /** SESeal, DER; its layout is that of the signature */
  readonly seal: Uint8Array
  readonly time: Date
  /** SM3 of what is protected */
  readonly dataHash: Uint8Array
  /** where that is: in OFD the absolute path of Signature.xml in the package */
  readonly propertyInfo: string
  readonly extensions?: readonly SesExtension[]
}

/**
 * Prepares an SES_Signature for the signer's key. Throws `ESEAL_REFUSED` for a V1 seal (not written), a signer not in the seal's list,
 * or a hash of another length; `ESEAL_MALFORMED`, `CERTIFICATE_MALFORMED`, `ALGORITHM_UNSUPPORTED`.
 */
export async function prepareSignature(
  content: SignatureContent,
  signerCertificate: Uint8Array,
): Promise<PreparedValue> {
  const seal = parseSeal(content.seal)
  if (seal.layout === 'V1') throw refuse('a V1 seal is read, not signed with')
  if (content.dataHash.length !== 32) throw refuse(`dataHash of ${content.dataHash.length} octets: expected SM3`)
  checkSm2Certificate(signerCertificate)
  if ((await isInCertList(seal.info.property.certList, signerCertificate)) !== true)
    throw refuse('the certificate is not in the list of the seal')
  const extensions = content.extensions ?? []
  const toSign = encodeSequence(
    encodeInteger(seal.layout === 'V4' ? 4 : 5),
    seal.raw,
    encodeGeneralizedTime(content.time),
    encodeBitString(content.dataHash),
    encodeIa5(content.propertyInfo, 'propertyInfo', 1024),
    ...(extensions.length === 0 ? [] : [encodeContext(0, encodeExtensions(extensions))]),
  )
  return { toSign, assemble: (signature, token) => encodeSigned(toSign, signerCertificate, signature, token) }
}

function encodeSigned(
  toSign: Uint8Array,
  certificate: Uint8Array,
  signature: Uint8Array,
  token: Uint8Array | undefined,
): Uint8Array {
  try {
    ecdsaToRaw(signature, 32)
  } catch (error) {
    throw new PkiError('SIGNATURE_LENGTH_UNEXPECTED', 'expected an SM2 signature in DER', { cause: error })
  }
  if (token !== undefined) withCode('ESEAL_MALFORMED', 'time-stamp token', () => parseDer(token))
  return encodeSequence(
    toSign,
    encodeOctetString(certificate),
    encodeOid(OID.sm2WithSm3),
    encodeBitString(signature),
    ...(token === undefined ? [] : [encodeContext(0, encodeBitString(token))]),
  )
}

function encodeSealInfo(content: SealContent, layout: SesWrittenLayout): Uint8Array {
  const { property, picture, extensions = [] } = content
  const { certList } = property
  return encodeSequence(
    encodeSequence(
      encodeIa5('ES', 'header ID', 2),
      encodeInteger(layout === 'V4' ? 4 : 5),
      encodeIa5(content.vendorId, 'Vid', 64),
    ),
    encodeIa5(content.esId, 'esID', 64),
    encodeSequence(
      encodeInteger(property.type),
      encodeUtf8String(property.name),
      encodeInteger(certList.kind === 'certificates' ? 1 : 2),
      encodeCertList(certList),
      encodeGeneralizedTime(property.createDate),
      encodeGeneralizedTime(property.validStart),
      encodeGeneralizedTime(property.validEnd),
    ),
    encodeSequence(
      encodeIa5(picture.type, 'picture type', 8),
      encodeOctetString(picture.data),
      encodeInteger(picture.widthMm),
      encodeInteger(picture.heightMm),
    ),
    ...(extensions.length === 0 ? [] : [encodeExtensions(extensions)]),
  )
}

const encodeCertList = (certList: SesCertList): Uint8Array =>
  certList.kind === 'certificates'
    ? encodeSequence(...certList.certificates.map(encodeOctetString))
    : encodeSequence(
        ...certList.digests.map(({ type, value }) =>
          encodeSequence(encodePrintableString(type), encodeOctetString(value)),
        ),
      )

/** `critical FALSE` is the DEFAULT and so left out: ours is DER. */
const encodeExtensions = (extensions: readonly SesExtension[]): Uint8Array =>
  encodeSequence(
    ...extensions.map(({ oid, critical, value }) =>
      encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value)),
    ),
  )

function encodeIa5(text: string, what: string, most: number): Uint8Array {
  if (text.length < 1 || text.length > most || !/^[\x20-\x7e]*$/.test(text))
    throw refuse(`${what}: expected 1 to ${most} characters of ASCII`)
  return encodeElement(TAG.ia5String, asciiBytes(text))
}

function checkContent({ esId, property, picture }: SealContent): void {
  const { certList, createDate, validStart, validEnd } = property
  if (!/^\d{14}$/.test(esId)) throw refuse('esID: expected 14 digits')
  const nameLength = [...property.name].length
  if (nameLength < 1 || nameLength > 128) throw refuse('name: expected 1 to 128 characters')
  if (!Number.isSafeInteger(property.type) || property.type < 0) throw refuse('type: expected a number from 0')
  const count = certList.kind === 'certificates' ? certList.certificates.length : certList.digests.length
  if (count < 1) throw refuse('certList: expected at least one signer')
  if (certList.kind === 'certificates') certList.certificates.forEach(checkSm2Certificate)
  else if (certList.digests.some(({ value }) => value.length !== 32)) throw refuse('certList: expected SM3 digests')
  if (!(validStart <= validEnd)) throw refuse('validStart is after validEnd')
  // Checked by whoever verifies a V5 seal: it holds on the day it was made.
  if (createDate < validStart || createDate > validEnd) throw refuse('createDate is outside the validity')
  if (picture.data.length < 1 || picture.data.length > MAX_PICTURE)
    throw refuse(`picture: expected 1 to ${MAX_PICTURE} octets`)
  for (const side of [picture.widthMm, picture.heightMm])
    if (!Number.isSafeInteger(side) || side < 1 || side > 200) throw refuse('picture: expected sides of 1 to 200 mm')
}

function checkSm2Certificate(certificate: Uint8Array): void {
  const key = parsePublicKey(parseCertificate(certificate).subjectPublicKeyInfo)
  if (key.kind !== 'sm2')
    throw new PkiError('ALGORITHM_UNSUPPORTED', `a seal needs certificates of SM2 keys, got ${key.kind}`)
}
