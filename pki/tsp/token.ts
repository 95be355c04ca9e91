import {
  contextTag,
  type DerElement,
  expectTag,
  latin1,
  malformed,
  parseDer,
  readBoolean,
  readExplicit,
  readIntegerBytes,
  readOid,
  readSequence,
  readSmallInteger,
  readTime,
  TAG,
  toHex,
} from '../asn1/index.ts'
import { type CmsReading, parseSignedData, type SignedData } from '../cms/signed-data.ts'
import { withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import { type MessageImprint, parseImprint } from './request.ts'

/** TimeStampToken (RFC 3161 §2.4.2): what a TSA said, unverified. Byte fields are views of the input. */
export interface TimeStampToken {
  readonly genTime: Date
  /** milliseconds either way; `null` when the token does not say */
  readonly accuracyMs: number | null
  /** tokens of this TSA may be ordered by genTime whatever the accuracy */
  readonly ordering: boolean
  /** dotted OID */
  readonly policy: string
  /** content octets of the INTEGER, and their hexadecimal */
  readonly serialNumber: Uint8Array
  readonly serialNumberHex: string
  readonly messageImprint: MessageImprint
  /** content octets of the INTEGER */
  readonly nonce: Uint8Array | undefined
  readonly signedData: SignedData
  /** certificates embedded in the token, DER */
  readonly certificates: readonly Uint8Array[]
}

type TstInfo = Omit<TimeStampToken, 'signedData' | 'certificates'>

/**
 * Parses a TimeStampToken; `reading` as for any CMS (foreign tokens in BER, the padding of a PDF's /Contents).
 * Throws `TSP_MALFORMED`, `CMS_MALFORMED`, `DER_LIMIT_EXCEEDED`. Verifies nothing.
 */
export function parseToken(bytes: Uint8Array, reading: CmsReading = {}): TimeStampToken {
  const signedData = parseSignedData(bytes, reading)
  const { eContentType, eContent } = signedData
  return withCode('TSP_MALFORMED', 'TSTInfo', () => {
    if (eContentType !== OID.tstInfo || eContent === undefined)
      throw malformed(0, `expected an attached TSTInfo, got content of type ${eContentType}`)
    return { ...parseTstInfo(parseDer(eContent)), signedData, certificates: signedData.certificates }
  })
}

function parseTstInfo(element: DerElement): TstInfo {
  const fields = [...readSequence(element, 'TSTInfo', 5, 10)]
  const next = (tag: number): DerElement | undefined => (fields[0]?.tag === tag ? fields.shift() : undefined)
  const version = readSmallInteger(fields.shift(), 'version')
  if (version !== 1) throw malformed(element.start, `TSTInfo of version ${version}`)
  const policy = readOid(fields.shift(), 'policy')
  const messageImprint = parseImprint(fields.shift())
  const serialNumber = readIntegerBytes(fields.shift(), 'serialNumber')
  const genTime = readGenTime(fields.shift())
  const accuracy = next(TAG.sequence)
  const ordering = next(TAG.boolean)
  const nonce = next(TAG.integer)
  const tsa = next(contextTag(0, true))
  if (tsa !== undefined) readExplicit(tsa, 0, 'tsa')
  const extensions = next(contextTag(1, true))
  if (fields.length > 0) throw malformed(fields[0]!.start, 'TSTInfo: unexpected field')
  if (extensions !== undefined) checkExtensions(extensions)
  return {
    genTime,
    accuracyMs: accuracy === undefined ? null : readAccuracy(accuracy),
    ordering: ordering !== undefined && readBoolean(ordering, 'ordering'),
    policy,
    serialNumber,
    serialNumberHex: toHex(serialNumber),
    messageImprint,
    nonce: nonce && readIntegerBytes(nonce, 'nonce'),
  }
}

/** None is known here, and a critical one would change what the token means. */
function checkExtensions(element: DerElement): void {
  for (const extension of element.children) {
    const fields = readSequence(extension, 'extensions', 2, 3)
    if (fields.length === 3 && readBoolean(fields[1], 'extensions: critical'))
      throw malformed(extension.start, `critical extension ${readOid(fields[0], 'extensions')} is not known`)
  }
}

/** GeneralizedTime of RFC 3161 §2.4.2: seconds, a fraction without trailing zeros or none, Z. Cut to milliseconds. */
function readGenTime(element: DerElement | undefined): Date {
  const text = latin1(expectTag(element, TAG.generalizedTime, 'genTime').content)
  const fraction = /^\d{14}\.(\d{0,17}[1-9])Z$/.exec(text)?.[1]
  if (fraction === undefined) return readTime(element, 'genTime')
  const whole = Uint8Array.from(`\x18\x0f${text.slice(0, 14)}Z`, (character) => character.charCodeAt(0))
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  return new Date(readTime(parseDer(whole), 'genTime').getTime() + milliseconds)
}

/** Accuracy: seconds, milliseconds [0], microseconds [1], in milliseconds. */
function readAccuracy(element: DerElement): number {
  const fields = [...readSequence(element, 'accuracy', 0, 3)]
  const seconds = fields[0]?.tag === TAG.integer ? readSmallInteger(fields.shift(), 'seconds') : 0
  const part = (number: number): number => {
    const tag = contextTag(number, false)
    if (fields[0]?.tag !== tag) return 0
    const value = readSmallInteger(fields.shift(), 'accuracy', tag)
    // A zero, which RFC 3161 would have left out, leaves nothing unclear.
    if (value > 999) throw malformed(element.start, 'accuracy: expected at most 999 thousandths')
    return value
  }
  const milliseconds = part(0)
  const microseconds = part(1)
  if (fields.length > 0) throw malformed(element.start, 'accuracy: unexpected field')
  return seconds * 1000 + milliseconds + microseconds / 1000
}
