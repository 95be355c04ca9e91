// What POST /api/verifications takes, and the items it comes to.
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { LicenceFormatError, parseIdentifier } from '../../licence-format/index.ts'
import { time } from '../../platform/http/index.ts'
import type { Item } from './check-item.ts'
import { VerifierError } from './errors.ts'
import { type FormField, parseFormData } from './multipart.ts'

const MOST_ITEMS = 1000
export const MAX_PDF_BYTES = 64 << 20
/** A thousand documents of a quarter of a mebibyte, more than licences have. */
export const MAX_FORM_BYTES = 256 << 20
/** A thousand of the longest statements that are printed, in JSON. */
export const MAX_JSON_BYTES = 2 << 20
const MOST_STATEMENT = 4096

export const PDF_TYPES = ['application/pdf', 'application/octet-stream']
export const FORM_TYPE = 'multipart/form-data'

const isIdentifier = (text: string): boolean => {
  try {
    parseIdentifier(text)
    return true
  } catch (error) {
    if (error instanceof LicenceFormatError) return false
    throw error
  }
}

const one = {
  statement: z.string().min(1).max(MOST_STATEMENT).optional().describe('The text of a QR code'),
  sealedDigest: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .optional()
    .describe(
      "SHA-256 (hex) of the signed byte ranges of a document's last seal: asks the register without sending it",
    ),
  identifier: z
    .string()
    .max(120)
    .refine(isIdentifier, 'expected a licence identifier (GB/T 36904)')
    .optional()
    .describe('With sealedDigest: the licence it should belong to'),
  inForceAt: time.optional().describe('With statement: was the licence in force at this time? ISO 8601 with its zone'),
}

const hasOne = (value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  names.filter((name) => value[name] !== undefined).length === 1
const wantsDigest = ({ identifier, sealedDigest }: { identifier?: unknown; sealedDigest?: unknown }): boolean =>
  identifier === undefined || sealedDigest !== undefined
const datesStatement = ({ inForceAt, statement }: { inForceAt?: unknown; statement?: unknown }): boolean =>
  inForceAt === undefined || statement !== undefined
const UNDATED = { message: 'inForceAt goes with statement', path: ['inForceAt'] }
const LONELY = { message: 'identifier goes with sealedDigest', path: ['identifier'] }

const item = z
  .strictObject(one)
  .refine((value) => hasOne(value, ['statement', 'sealedDigest']), 'expected statement or sealedDigest')
  .refine(wantsDigest, LONELY)
  .refine(datesStatement, UNDATED)

/** The JSON body: one item, or a batch. */
export const requestBody = z
  .strictObject({
    ...one,
    items: z.array(item).min(1).max(MOST_ITEMS).optional().describe('A batch; its answer is a 202'),
  })
  .refine(
    (value) => hasOne(value, ['statement', 'sealedDigest', 'items']),
    'expected one of statement, sealedDigest and items',
  )
  .refine(wantsDigest, LONELY)
  .refine(datesStatement, UNDATED)

export const FORMATS = ['json', 'html', 'pdf', 'xml', 'bundle', 'receipt'] as const
export type Format = (typeof FORMATS)[number]

export const requestQuery = z.strictObject({
  format: z.enum(FORMATS).optional(),
  inForceAt: time.optional().describe('Of a PDF sent as it is: was its licence in force at this time? ISO 8601'),
})

type OneOf = z.output<typeof item>

const toItem = ({ statement, sealedDigest, identifier, inForceAt }: OneOf): Item =>
  statement === undefined
    ? { kind: 'digest', sealedDigest: sealedDigest!.toLowerCase(), identifier: identifier ?? null }
    : { kind: 'statement', text: statement, ...(inForceAt && { question: { inForceAt } }) }

export interface Wanted {
  readonly items: readonly Item[]
  /** Several things in one request, even where it is one only. */
  readonly isBatch: boolean
}

/** A request as it came, checked for its shape. */
interface Sent {
  readonly body: z.output<typeof requestBody> | undefined
  readonly bytes: Uint8Array | undefined
  readonly contentType: string
  readonly query: z.output<typeof requestQuery> | undefined
}

/** Throws VERIFICATION_INPUT_MISSING, VERIFICATION_BATCH_INVALID, VERIFICATION_QUESTION_INVALID. */
export function readRequest({ body, bytes, contentType, query }: Sent): Wanted {
  const isForm = contentType.trim().toLowerCase().startsWith(FORM_TYPE)
  if (query?.inForceAt && (bytes === undefined || isForm))
    throw askedWrongly('inForceAt stands in the query only beside a PDF sent as it is')
  if (bytes === undefined)
    return body?.items ? { items: body.items.map(toItem), isBatch: true } : { items: [toItem(body!)], isBatch: false }
  if (bytes.length === 0) throw missing()
  if (!isForm) {
    const question = query?.inForceAt && { question: { inForceAt: query.inForceAt } }
    return { items: [{ kind: 'document', name: 'document.pdf', bytes, ...question }], isBatch: false }
  }
  return readForm(parseFormData(bytes, contentType, MOST_ITEMS + QUESTIONS.length))
}

/** Fields that ask something about the one document or text of a form, which is then answered at once. */
const QUESTIONS = ['inForceAt', 'scannedStatement'] as const

function readForm(fields: readonly FormField[]): Wanted {
  const asked = fields.filter(({ name }) => QUESTIONS.some((question) => question === name))
  const items = fields.filter((field) => !asked.includes(field)).map(fieldToItem)
  if (items.length === 0) throw missing()
  if (items.length > MOST_ITEMS) throw new VerifierError('VERIFICATION_BATCH_INVALID', `more than ${MOST_ITEMS} items`)
  if (asked.length === 0) return { items, isBatch: true }
  const [item] = items
  if (items.length > 1) throw askedWrongly('inForceAt and scannedStatement are asked about one document or text')
  return { items: [askAbout(item!, asked)], isBatch: false }
}

function askAbout(item: Exclude<Item, { kind: 'digest' }>, asked: readonly FormField[]): Item {
  if (new Set(asked.map(({ name }) => name)).size < asked.length) throw askedWrongly('a question stands twice')
  const textOf = (name: (typeof QUESTIONS)[number]): string | undefined => {
    const field = asked.find((one) => one.name === name)
    return field && Buffer.from(requireFit(field.bytes, MOST_STATEMENT)).toString('utf8').trim()
  }
  const then = textOf('inForceAt')
  const inForceAt = then === undefined ? undefined : time.safeParse(then)
  if (inForceAt?.success === false) throw askedWrongly('inForceAt: expected ISO 8601 with its zone')
  const scannedStatement = textOf('scannedStatement')
  if (item.kind === 'statement' && scannedStatement !== undefined)
    throw askedWrongly('scannedStatement is compared with a document')
  const question = { ...(inForceAt && { inForceAt: inForceAt.data }), ...(scannedStatement && { scannedStatement }) }
  return { ...item, question }
}

const askedWrongly = (detail: string) => new VerifierError('VERIFICATION_QUESTION_INVALID', detail)

const missing = () => new VerifierError('VERIFICATION_INPUT_MISSING', 'expected a PDF or the text of a QR code')

function fieldToItem({ name, fileName, bytes }: FormField): Exclude<Item, { kind: 'digest' }> {
  if (name === 'file')
    return { kind: 'document', name: fileName ?? 'document.pdf', bytes: requireFit(bytes, MAX_PDF_BYTES) }
  if (name === 'statement')
    return { kind: 'statement', text: Buffer.from(requireFit(bytes, MOST_STATEMENT)).toString('utf8').trim() }
  throw new VerifierError('VERIFICATION_BATCH_INVALID', 'expected fields named file or statement')
}

function requireFit(bytes: Uint8Array, most: number): Uint8Array {
  if (bytes.length > 0 && bytes.length <= most) return bytes
  throw new VerifierError('VERIFICATION_BATCH_INVALID', `expected 1 to ${most} octets in each field`)
}

const BY_MEDIA_TYPE: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['text/html', 'html'],
  ['application/pdf', 'pdf'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['application/jose', 'receipt'],
])

/** `?format=` before Accept; what Accept does not name plainly is JSON. */
export function wantedFormat(format: Format | undefined, headers: IncomingHttpHeaders): Format {
  if (format) return format
  for (const range of (headers.accept ?? '').split(',')) {
    const known = BY_MEDIA_TYPE.get(range.split(';', 1)[0]!.trim().toLowerCase())
    if (known) return known
  }
  return 'json'
}

/** Whether the client would rather fetch the answer later (RFC 7240 §4.1). */
export const prefersLater = ({ prefer }: IncomingHttpHeaders): boolean =>
  String(prefer ?? '')
    .split(/[,;]/)
    .some((preference) => preference.trim().toLowerCase() === 'respond-async')
