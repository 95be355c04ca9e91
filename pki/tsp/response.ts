import {
  type DerElement,
  type DerLimits,
  encodeInteger,
  encodeNamedBits,
  encodeSequence,
  encodeUtf8String,
  expectTag,
  malformed,
  parseDer,
  readBitString,
  readSequence,
  readSmallInteger,
  readString,
  TAG,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'

/** PKIFailureInfo as far as RFC 3161 §2.4.2 uses it, by bit. */
const failureBits = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
} as const
export type FailureInfo = keyof typeof failureBits

/** PKIStatus, by value. */
const statuses = [
  'granted',
  'grantedWithMods',
  'rejection',
  'waiting',
  'revocationWarning',
  'revocationNotification',
] as const
export type PkiStatus = (typeof statuses)[number]

export interface Refusal {
  readonly failureInfo: FailureInfo
  /** for people, English */
  readonly text: string
}

/** TimeStampResp (RFC 3161 §2.4.2). `token` is there exactly when the status is granted or grantedWithMods. */
export interface TimeStampResponse {
  readonly status: PkiStatus
  readonly texts: readonly string[]
  /** the first known bit of failInfo */
  readonly failureInfo: FailureInfo | undefined
  /** TimeStampToken, DER */
  readonly token: Uint8Array | null
}

const responseLimits: DerLimits = { maxSize: 1024 * 1024, maxDepth: 40, maxElements: 50_000 }

/** TimeStampResp with a token, status granted. */
export function encodeResponse(token: Uint8Array): Uint8Array {
  return encodeSequence(encodeSequence(encodeInteger(0)), token)
}

/** TimeStampResp without a token: status rejection, one failure, one text. */
export function encodeRejection(failureInfo: FailureInfo, text: string): Uint8Array {
  const failure = encodeNamedBits([failureBits[failureInfo]])
  return encodeSequence(encodeSequence(encodeInteger(2), encodeSequence(encodeUtf8String(text)), failure))
}

/** Parses a TimeStampResp; throws `TSP_MALFORMED`, `DER_LIMIT_EXCEEDED`. The token is not read. */
export function parseResponse(der: Uint8Array): TimeStampResponse {
  return withCode('TSP_MALFORMED', 'TimeStampResp', () => {
    const [info, token] = readSequence(parseDer(der, responseLimits), 'TimeStampResp', 1, 2)
    const fields = [...readSequence(info, 'PKIStatusInfo', 1, 3)]
    const status = statuses[readSmallInteger(fields.shift(), 'status')]
    if (status === undefined) throw malformed(info!.start, 'PKIStatusInfo: unknown status')
    const texts = fields[0]?.tag === TAG.sequence ? fields.shift()!.children : []
    const failure = fields.shift()
    if (fields.length > 0) throw malformed(info!.start, 'PKIStatusInfo: unexpected field')
    const isGranted = status === 'granted' || status === 'grantedWithMods'
    if (isGranted !== (token !== undefined)) throw malformed(info!.start, `status ${status}, token or none against it`)
    if (token !== undefined) expectTag(token, TAG.sequence, 'timeStampToken')
    return {
      status,
      texts: texts.slice(0, 16).map((text) => readString(text, 'statusString')),
      failureInfo: failure && parseFailure(failure),
      token: token?.raw ?? null,
    }
  })
}

function parseFailure(element: DerElement): FailureInfo | undefined {
  const { bytes } = readBitString(element, 'failInfo')
  return (Object.keys(failureBits) as FailureInfo[]).find((name) => {
    const bit = failureBits[name]
    return ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0
  })
}
