import {
  contextTag,
  type DerElement,
  expectTag,
  latin1,
  malformed,
  readBitString,
  readBitStringOctets,
  readBoolean,
  readExplicit,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  readString,
  TAG,
} from '../asn1/index.ts'
import type { SesCertList, SesExtension, SesPicture, SesProperty } from './types.ts'

const MAX_TEXT = 4096
const MAX_CERTIFICATES = 1024
const MAX_EXTENSIONS = 256

/** Text of any string type: vendors do not keep to IA5String. */
export function readText(element: DerElement | undefined, what: string): string {
  if (element !== undefined && element.content.length > MAX_TEXT)
    throw malformed(element.start, `${what}: longer than ${MAX_TEXT} octets`)
  return readString(element, what)
}

/** BIT STRING of whole octets; some vendors write OCTET STRING in its place. */
export function readBits(element: DerElement | undefined, what: string): Uint8Array {
  return element?.tag === TAG.octetString ? readOctetString(element, what) : readBitStringOctets(element, what)
}

const TIME = /^(\d{10}|\d{12}|\d{14})(?:[.,](\d{1,9}))?(Z|[+-]\d{4})?$/
const BEIJING = '+0800'

/** A time in text: `YYYYMMDDhhmmss` or `YYMMDDhhmm[ss]`, a fraction, Z or an offset; without either it is Beijing time. */
export function parseTimeText(text: string): Date | undefined {
  const parts = TIME.exec(text)
  if (parts === null) return undefined
  const [, digits = '', fraction = '', zone = BEIJING] = parts
  const century = digits.length === 14 ? '' : Number(digits.slice(0, 2)) < 50 ? '20' : '19'
  const [, year, month, day, hour, minute, second] = /^(.{4})(..)(..)(..)(..)(..)$/.exec(
    `${century}${digits}`.padEnd(14, '0'),
  )!
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  const local = new Date(iso)
  // A day that does not exist comes out as another one.
  if (Number.isNaN(local.getTime()) || local.toISOString() !== iso) return undefined
  if (zone === 'Z') return local
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))]
  if (hours > 14 || minutes > 59) return undefined
  const offset = (hours * 60 + minutes) * 60_000
  return new Date(local.getTime() + (zone[0] === '-' ? offset : -offset))
}

/** UTCTime or GeneralizedTime, whichever the layout asks for: real seals carry both. */
export function readSesTime(element: DerElement | undefined, what: string): Date {
  if (element?.tag !== TAG.utcTime && element?.tag !== TAG.generalizedTime)
    throw malformed(element?.start ?? 0, `${what}: expected a time`)
  const { content, start, tag } = element
  const text = content.length <= 32 ? latin1(content) : ''
  const hasCentury = /^\d{14}/.test(text)
  const time = hasCentury === (tag === TAG.generalizedTime) ? parseTimeText(text) : undefined
  if (time === undefined) throw malformed(start, `${what}: not a time`)
  return time
}

/** SES_ESPropertyInfo: six fields in V1, seven with certListType later. */
export function readProperty(element: DerElement | undefined, isV1: boolean): SesProperty {
  const count = isV1 ? 6 : 7
  const fields = [...readSequence(element, 'property', count, count)]
  const type = readSmallInteger(fields.shift(), 'type')
  const name = readText(fields.shift(), 'name')
  const certListType = isV1 ? 1 : readSmallInteger(fields.shift(), 'certListType')
  const [certList, createDate, validStart, validEnd] = fields
  return {
    type,
    name,
    certList: readCertList(certList, certListType),
    createDate: readSesTime(createDate, 'createDate'),
    validStart: readSesTime(validStart, 'validStart'),
    validEnd: readSesTime(validEnd, 'validEnd'),
  }
}

function readCertList(element: DerElement | undefined, type: number): SesCertList {
  const items = readSequence(element, 'certList', 0, MAX_CERTIFICATES)
  if (type === 1) {
    // What is no OCTET STRING (one real seal holds the text "1") is no certificate, and nobody's.
    return {
      kind: 'certificates',
      certificates: items.filter(({ tag }) => tag === TAG.octetString).map(({ content }) => content),
    }
  }
  if (type !== 2) throw malformed(element!.start, `certListType ${type}`)
  return {
    kind: 'digests',
    digests: items.map((item) => {
      const [name, value] = readSequence(item, 'CertDigestObj', 2, 2)
      return { type: readText(name, 'CertDigestObj type'), value: readOctetString(value, 'CertDigestObj value') }
    }),
  }
}

export function readPicture(element: DerElement | undefined): SesPicture {
  const [type, data, width, height] = readSequence(element, 'picture', 4, 4)
  return {
    type: readText(type, 'picture type'),
    data: readOctetString(data, 'picture data'),
    widthMm: readSmallInteger(width, 'picture width'),
    heightMm: readSmallInteger(height, 'picture height'),
  }
}

/** ExtensionDatas; `critical FALSE` may be written out, which is not DER and is found in real seals. */
export function readExtensions(element: DerElement | undefined): SesExtension[] {
  return readItems(readSequence(element, 'extDatas'))
}

function readItems(items: readonly DerElement[]): SesExtension[] {
  if (items.length > MAX_EXTENSIONS) throw malformed(items[0]!.start, `more than ${MAX_EXTENSIONS} extensions`)
  return items.map((item) => {
    const fields = readSequence(item, 'ExtData', 2, 3)
    return {
      oid: readOid(fields[0], 'extnID'),
      critical: fields.length === 3 && readBoolean(fields[1], 'critical'),
      value: readOctetString(fields.at(-1), 'extnValue'),
    }
  })
}

/** ExtensionDatas under [0]: EXPLICIT, or IMPLICIT, where its items stand there themselves. */
export function readTaggedExtensions(element: DerElement): SesExtension[] {
  expectTag(element, contextTag(0, true), 'extDatas')
  const isExplicit = element.children.length === 1 && element.children[0]!.children[0]?.tag !== TAG.oid
  return readItems(isExplicit ? readSequence(element.children[0], 'extDatas') : element.children)
}

/** The token under [0]: BIT STRING, EXPLICIT or IMPLICIT. */
export function readTimeStamp(element: DerElement | undefined): Uint8Array | undefined {
  if (element === undefined) return undefined
  if (element.tag === contextTag(0, true)) return readBits(readExplicit(element, 0, 'timeStamp'), 'timeStamp')
  const { bytes, unusedBits } = readBitString(element, 'timeStamp', contextTag(0, false))
  if (unusedBits !== 0) throw malformed(element.start, 'timeStamp: expected whole octets')
  return bytes
}
