import {
  contextTag,
  type DerElement,
  type DerLimits,
  encodeSequence,
  malformed,
  parseDer,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import {
  readBits,
  readExtensions,
  readPicture,
  readProperty,
  readTaggedExtensions,
  readText,
  readTimeStamp,
} from './read-fields.ts'
import type { SesExtension, SesLayout, SesSeal, SesSealInfo } from './types.ts'

/** Seals weigh 5 to 50 KiB; a picture of 4 MiB and a few hundred certificates still go through. */
export const esealLimits: DerLimits = { maxSize: 8 * 1024 * 1024, maxDepth: 16, maxElements: 20_000 }

/**
 * Parses an SESeal of GM/T 0031-2014, GB/T 38540-2020 or GM/T 0031-2025 (the content of an `.esl` file).
 * Throws `ESEAL_MALFORMED` or `DER_LIMIT_EXCEEDED`. Verifies nothing.
 */
export function parseSeal(bytes: Uint8Array): SesSeal {
  return withCode('ESEAL_MALFORMED', 'SESeal', () => readSeal(parseDer(bytes, esealLimits)))
}

/** Two fields at the top are V1; four or five name their version in the header. */
export function readSeal(element: DerElement): SesSeal {
  const fields = readSequence(element, 'SESeal', 2, 5)
  if (fields.length === 3) throw malformed(element.start, 'SESeal of three fields')
  const info = fields[0]!
  if (fields.length === 2) {
    const [certificate, algorithm, signature] = readSequence(fields[1], 'SES_SignInfo', 3, 3)
    return {
      layout: 'V1',
      raw: element.raw,
      info: readSealInfo(info, 'V1'),
      makerCertificate: readOctetString(certificate, 'cert'),
      signatureAlgorithm: readOid(algorithm, 'signatureAlgorithm'),
      signature: readBits(signature, 'signData'),
      signedBytes: encodeSequence(info.raw, certificate!.raw, algorithm!.raw),
      timeStamp: undefined,
    }
  }
  const layout = readLayout(info)
  const [, certificate, algorithm, signature, timeStamp] = fields
  return {
    layout,
    raw: element.raw,
    info: readSealInfo(info, layout),
    makerCertificate: readOctetString(certificate, 'cert'),
    signatureAlgorithm: readOid(algorithm, 'signAlgID'),
    signature: readBits(signature, 'signedValue'),
    signedBytes: info.raw,
    timeStamp: readTimeStamp(timeStamp),
  }
}

function readLayout(info: DerElement): SesLayout {
  const header = readSequence(readSequence(info, 'SES_SealInfo', 4, 5)[0], 'header', 3, 3)
  const version = readSmallInteger(header[1], 'version')
  if (version !== 4 && version !== 5) throw malformed(header[1]!.start, `SESeal of version ${version}`)
  return version === 4 ? 'V4' : 'V5'
}

function readSealInfo(element: DerElement, layout: SesLayout): SesSealInfo {
  const [header, esId, property, picture, extensions] = readSequence(element, 'SES_SealInfo', 4, 5)
  const [headerId, version, vendorId] = readSequence(header, 'header', 3, 3)
  return {
    headerId: readText(headerId, 'header ID'),
    version: readSmallInteger(version, 'version'),
    vendorId: readText(vendorId, 'Vid'),
    esId: readText(esId, 'esID'),
    property: readProperty(property, layout === 'V1'),
    picture: readPicture(picture),
    extensions: extensions === undefined ? [] : readSealExtensions(extensions),
  }
}

/** V1 prints EXPLICIT without a number; in the wild the sequence stands there as it is. */
const readSealExtensions = (element: DerElement): SesExtension[] =>
  element.tag === contextTag(0, true) ? readTaggedExtensions(element) : readExtensions(element)
