import {
  type DerElement,
  latin1,
  malformed,
  parseDer,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  TAG,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import { esealLimits, readSeal } from './parse-seal.ts'
import { parseTimeText, readBits, readSesTime, readTaggedExtensions, readText, readTimeStamp } from './read-fields.ts'
import type { SesSignature } from './types.ts'

/**
 * Parses an SES_Signature (in OFD: SignedValue.dat of a signature of type Seal) of the three layouts.
 * Throws `ESEAL_MALFORMED` or `DER_LIMIT_EXCEEDED`. Verifies nothing.
 */
export function parseSignature(bytes: Uint8Array): SesSignature {
  return withCode('ESEAL_MALFORMED', 'SES_Signature', () => {
    const element = parseDer(bytes, esealLimits)
    const fields = readSequence(element, 'SES_Signature', 2, 5)
    if (fields.length === 3) throw malformed(element.start, 'SES_Signature of three fields')
    return fields.length === 2 ? readV1(element, fields) : readLater(element, fields)
  })
}

type Fields = readonly DerElement[]

/** GM/T 0031-2014: certificate and algorithm are within what is signed. */
function readV1(element: DerElement, [toSign, signature]: Fields): SesSignature {
  const [version, seal, timeInfo, dataHash, propertyInfo, certificate, algorithm] = readSequence(
    toSign,
    'TBS_Sign',
    7,
    7,
  )
  return {
    layout: 'V1',
    raw: element.raw,
    version: readSmallInteger(version, 'version'),
    seal: readSeal(seal!),
    ...readTimeInfo(timeInfo!),
    dataHash: readBits(dataHash, 'dataHash'),
    propertyInfo: readText(propertyInfo, 'propertyInfo'),
    extensions: [],
    signedBytes: toSign!.raw,
    certificate: readOctetString(certificate, 'cert'),
    signatureAlgorithm: readOid(algorithm, 'signatureAlgorithm'),
    signature: readBits(signature, 'signature'),
    timeStamp: undefined,
  }
}

/** GB/T 38540-2020 and GM/T 0031-2025. */
function readLater(element: DerElement, [toSign, certificate, algorithm, signature, timeStamp]: Fields): SesSignature {
  const [version, seal, timeInfo, dataHash, propertyInfo, extensions] = readSequence(toSign, 'TBS_Sign', 5, 6)
  const number = readSmallInteger(version, 'version')
  const parsed = readSeal(seal!)
  return {
    layout: number >= 5 || (number !== 4 && parsed.layout === 'V5') ? 'V5' : 'V4',
    raw: element.raw,
    version: number,
    seal: parsed,
    ...readTimeInfo(timeInfo!),
    dataHash: readBits(dataHash, 'dataHash'),
    propertyInfo: readText(propertyInfo, 'propertyInfo'),
    extensions: extensions === undefined ? [] : readTaggedExtensions(extensions),
    signedBytes: toSign!.raw,
    certificate: readOctetString(certificate, 'cert'),
    signatureAlgorithm: readOid(algorithm, 'signatureAlgID'),
    signature: readBits(signature, 'signature'),
    timeStamp: readTimeStamp(timeStamp),
  }
}

/** A time, or bits (V1) that are the text of one or a time-stamp token. */
function readTimeInfo(element: DerElement): Pick<SesSignature, 'time' | 'timeToken'> {
  if (element.tag !== TAG.bitString && element.tag !== TAG.octetString)
    return { time: readSesTime(element, 'timeInfo'), timeToken: undefined }
  const bytes = readBits(element, 'timeInfo')
  if (bytes[0] === TAG.sequence) return { time: undefined, timeToken: bytes }
  const isEncoded = bytes[0] === TAG.utcTime || bytes[0] === TAG.generalizedTime
  const time = isEncoded
    ? readSesTime(parseDer(bytes), 'timeInfo')
    : bytes.length <= 32
      ? parseTimeText(latin1(bytes))
      : undefined
  if (time === undefined) throw malformed(element.start, 'timeInfo: neither a time nor a token')
  return { time, timeToken: undefined }
}
