// licence.json: the data a licence carries inside its PDF, canonical, so that one digest stands for it everywhere.
import { primitives } from '../pki/index.ts'
import { isCanonicalText } from './canonical-json.ts'
import { type CopyFacts, copyFault } from './copy-facts.ts'
import { isCalendarDate } from './dates.ts'
import { LicenceFormatError } from './errors.ts'
import { parseIdentifier } from './identifier.ts'

/** Name of the embedded licence data (relationship /Data) and of the embedded statement (/Supplement). */
export const LICENCE_DATA_FILE = 'licence.json'
export const STATEMENT_FILE = 'statement.txt'

export const LICENCE_SCHEMA = 'zhengyin-licence-1'
/** Of a copy: the same members and `copy`. Its fields may be fewer than the original's. */
export const COPY_SCHEMA = 'zhengyin-copy-1'

/** A picture or attachment stands in the data as its digest (SHA-256, lower-case hex) with size in pixels. */
export interface PictureReference {
  readonly digest: string
  readonly mediaType: string
  readonly width: number
  readonly height: number
}

export type FieldValue = string | number | boolean | null | PictureReference | readonly FieldRow[]
export type FieldRow = { readonly [column: string]: string | number | boolean | null }

/** 持证主体; `codeType` is a code of GB/T 36903 annex A (`001` credit code, `111` identity number). */
export interface LicenceHolder {
  readonly name: string
  readonly code: string
  readonly codeType: string
}

/** Millimetres on a page as it is shown, from its lower left corner; pages from 0. */
export interface BodyPlace {
  readonly page: number
  readonly x: number
  readonly y: number
}

/** The uploaded document (批文, 证明, 鉴定报告, 办事结果) that stands in place of drawn pages: the sealed PDF begins with its octets. */
export interface LicenceBody {
  /** SHA-256 of the file as it was uploaded, lower-case hex. */
  readonly digest: string
  readonly bytes: number
  readonly pages: number
  /** Lower left corner and side of the QR symbol. */
  readonly qr: BodyPlace & { readonly size: number }
  /** Centre of the issuer's seal. */
  readonly seal: BodyPlace
}

export interface LicenceData {
  readonly schema: typeof LICENCE_SCHEMA | typeof COPY_SCHEMA
  /** 128 random bits, base64url: keeps the public data digest from being guessed. */
  readonly salt: string
  /** Full identifier, with the root. */
  readonly identifier: string
  readonly typeCode: string
  readonly typeName: string
  readonly templateVersion: number
  /** 证照编号, as printed. */
  readonly number: string
  readonly issuer: { readonly code: string; readonly name: string }
  readonly holders: readonly LicenceHolder[]
  /** Days in Asia/Shanghai, `YYYY-MM-DD`, inclusive; `validUntil` is null for 长期. */
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly fields: { readonly [name: string]: FieldValue }
  /** Full identifier of the licence this one replaces. */
  readonly replaces: string | null
  /** There where the document was uploaded, not drawn. */
  readonly body?: LicenceBody
  /** There in a copy, and there alone. */
  readonly copy?: CopyFacts
}

const LIMIT_BYTES = 1 << 20
const MOST_HOLDERS = 50
const MOST_FIELDS = 200
const MOST_ROWS = 2000
const LONGEST_TEXT = 100_000
const DEEPEST = 8
/** Of an uploaded document; millimetres. */
const MOST_PAGES = 100_000
const LONGEST_SIDE = 60_000

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** SHA-256 of the canonical licence.json (Node only: synchronous). */
export function dataDigest(licenceJson: Uint8Array): Uint8Array {
  return primitives.digestSync('SHA-256', licenceJson)
}

/**
 * Reads a licence.json from hostile bytes: at most 1 MiB, UTF-8, canonical (RFC 8785), of the schema's shape, its dates real, its
 * identifier whole and agreeing with type and issuer. Throws LICENCE_DATA_TOO_LARGE, _NOT_JSON, _NOT_CANONICAL or _SHAPE.
 */
export function parseLicenceData(bytes: Uint8Array): LicenceData {
  if (bytes.length > LIMIT_BYTES) throw new LicenceFormatError('LICENCE_DATA_TOO_LARGE', 'licence.json exceeds 1 MiB')
  const { text, value } = parseJson(bytes)
  const fault = shapeFault(value)
  if (fault) throw new LicenceFormatError('LICENCE_DATA_SHAPE', `licence.json is not of the schema at ${fault}`)
  if (!isCanonicalText(text, value)) {
    throw new LicenceFormatError('LICENCE_DATA_NOT_CANONICAL', 'licence.json is not canonical JSON (RFC 8785)')
  }
  return value as LicenceData
}

function parseJson(bytes: Uint8Array): { readonly text: string; readonly value: unknown } {
  if (nestingOf(bytes) > DEEPEST)
    throw new LicenceFormatError('LICENCE_DATA_NOT_JSON', 'licence.json is nested too deep')
  try {
    const text = strictUtf8.decode(bytes)
    return { text, value: JSON.parse(text) }
  } catch (cause) {
    throw new LicenceFormatError('LICENCE_DATA_NOT_JSON', 'licence.json is not JSON in UTF-8', { cause })
  }
}

/** Upper bound of the nesting, counted before parsing so that hostile depth never reaches a recursive parser. */
function nestingOf(bytes: Uint8Array): number {
  let depth = 0
  let deepest = 0
  for (let i = 0, inText = false; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === 0x22) inText = !inText
    else if (inText && byte === 0x5c) i++
    else if (!inText && (byte === 0x7b || byte === 0x5b)) deepest = Math.max(deepest, ++depth)
    else if (!inText && (byte === 0x7d || byte === 0x5d)) depth--
  }
  return deepest
}

type Shape = (value: unknown) => boolean

const isText: Shape = (value) => typeof value === 'string' && value.length > 0 && value.length <= LONGEST_TEXT
const isDay: Shape = (value) => typeof value === 'string' && isCalendarDate(value)
const isOrNull =
  (shape: Shape): Shape =>
  (value) =>
    value === null || shape(value)
const isScalar: Shape = (value) =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= LONGEST_TEXT) ||
  (typeof value === 'number' && Number.isFinite(value))

const isIdentifier: Shape = (value) => {
  if (typeof value !== 'string') return false
  try {
    return parseIdentifier(value).text === value
  } catch {
    return false
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function exactly(shapes: Record<string, Shape>): Shape {
  const names = Object.keys(shapes)
  return (value) =>
    isRecord(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name) && shapes[name]!(value[name]))
}

const isHolder = exactly({
  name: isText,
  code: (value) => typeof value === 'string' && value.length <= 64,
  codeType: (value) => typeof value === 'string' && /^\d{3}$/.test(value),
})

const isPicture = exactly({
  digest: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  mediaType: (value) => typeof value === 'string' && /^[a-z]+\/[a-z0-9.+-]{1,60}$/.test(value),
  width: (value) => Number.isInteger(value) && (value as number) > 0,
  height: (value) => Number.isInteger(value) && (value as number) > 0,
})

const isCount =
  (most: number): Shape =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
const isMillimetres: Shape = (value) => typeof value === 'number' && value >= 0 && value <= LONGEST_SIDE
const place = { page: isCount(MOST_PAGES - 1), x: isMillimetres, y: isMillimetres }
const hasBodyShape = exactly({
  digest: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  bytes: isCount(1 << 30),
  pages: isCount(MOST_PAGES),
  qr: exactly({ ...place, size: isMillimetres }),
  seal: exactly(place),
})

const isRow: Shape = (value) => isRecord(value) && Object.values(value).every(isScalar)
const isFieldValue: Shape = (value) =>
  isScalar(value) || isPicture(value) || (Array.isArray(value) && value.length <= MOST_ROWS && value.every(isRow))

const text: Shape = (value) => typeof value === 'string'
const hasCopyShape = exactly({
  copyId: text,
  cause: text,
  recipient: text,
  creator: text,
  createdAt: text,
  expiresAt: text,
})

const SHAPES = {
  schema: (value) => value === LICENCE_SCHEMA || value === COPY_SCHEMA,
  salt: (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{21}[AQgw]$/.test(value),
  identifier: isIdentifier,
  typeCode: (value) => typeof value === 'string' && /^[0-9A-Z]{21}$/.test(value),
  typeName: isText,
  templateVersion: (value) => Number.isInteger(value) && (value as number) > 0,
  number: isText,
  issuer: exactly({ code: (value) => typeof value === 'string' && /^[0-9A-Z]{6,18}$/.test(value), name: isText }),
  holders: (value) => Array.isArray(value) && value.length > 0 && value.length <= MOST_HOLDERS && value.every(isHolder),
  issuedOn: isDay,
  validFrom: isDay,
  validUntil: isOrNull(isDay),
  fields: (value) =>
    isRecord(value) && Object.keys(value).length <= MOST_FIELDS && Object.values(value).every(isFieldValue),
  replaces: isOrNull(isIdentifier),
} satisfies Record<string, Shape>

/** JSON Pointer of the first member that does not fit, or null. */
function shapeFault(value: unknown): string | null {
  if (!isRecord(value)) return '/'
  const isCopy = value['schema'] === COPY_SCHEMA
  const isOptional = (name: string) => name === 'body' || (isCopy && name === 'copy')
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(SHAPES, name) && !isOptional(name))
  if (unknown !== undefined) return '/ (unknown member)'
  const wrong = Object.entries(SHAPES).find(([name, fits]) => !Object.hasOwn(value, name) || !fits(value[name]))
  if (wrong) return `/${wrong[0]}`
  if (Object.hasOwn(value, 'body') && !hasBodyShape(value['body'])) return '/body'
  if (isCopy && !hasCopyShape(value['copy'])) return '/copy'
  // SHAPES has looked at every member: from here on the compiler may believe it.
  const data = value as unknown as LicenceData
  const identifier = parseIdentifier(data.identifier)
  if (identifier.typeCode !== data.typeCode) return '/typeCode'
  if (identifier.issuerCode !== data.issuer.code) return '/issuer/code'
  if (data.validUntil !== null && data.validUntil < data.validFrom) return '/validUntil'
  const fault = data.copy && copyFault(data.copy)
  return fault ? `/copy/${fault}` : null
}
