// What POST /api/verifications takes, and the items it comes to.
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { LicenceFormatError, parseIdentifier } from '../../licence-format/index.ts'
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
}

const hasOne = (value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  names.filter((name) => value[name] !== undefined).length === 1
const wantsDigest = ({ identifier, sealedDigest }: { identifier?: unknown; sealedDigest?: unknown }): boolean =>
  identifier === undefined || sealedDigest !== undefined
const LONELY = { message: 'identifier goes with sealedDigest', path: ['identifier'] }

const item = z
  .strictObject(one)
  .refine((value) => hasOne(value, ['statement', 'sealedDigest']), 'expected statement or sealedDigest')
  .refine(wantsDigest, LONELY)

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

export const FORMATS = ['json', 'html', 'pdf', 'xml', 'bundle', 'receipt'] as const
export type Format = (typeof FORMATS)[number]

export const requestQuery = z.strictObject({ format: z.enum(FORMATS).optional() })

type OneOf = z.output<typeof item>

const toItem = ({ statement, sealedDigest, identifier }: OneOf): Item =>
  statement === undefined
    ? { kind: 'digest', sealedDigest: sealedDigest!.toLowerCase(), identifier: identifier ?? null }
    : { kind: 'statement', text: statement }

export interface Wanted {
  readonly items: readonly Item[]
  /** Several things in one request, even where it is one only. */
  readonly isBatch: boolean
}

/** Throws VERIFICATION_INPUT_MISSING, VERIFICATION_BATCH_INVALID. */
export function readRequest(
  body: z.output<typeof requestBody> | undefined,
  bytes: Uint8Array | undefined,
  contentType: string,
): Wanted {
  if (bytes === undefined)
    return body?.items ? { items: body.items.map(toItem), isBatch: true } : { items: [toItem(body!)], isBatch: false }
  if (bytes.length === 0) throw missing()
  if (!contentType.trim().toLowerCase().startsWith(FORM_TYPE))
    return { items: [{ kind: 'document', name: 'document.pdf', bytes }], isBatch: false }
  const items = parseFormData(bytes, contentType, MOST_ITEMS).map(fieldToItem)
  if (items.length === 0) throw missing()
  return { items, isBatch: true }
}

const missing = () => new VerifierError('VERIFICATION_INPUT_MISSING', 'expected a PDF or the text of a QR code')

function fieldToItem({ name, fileName, bytes }: FormField): Item {
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

const BY_MEDIA_TYPE: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'text/html': 'html',
  'application/pdf': 'pdf',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/jose': 'receipt',
}

/** `?format=` before Accept; what Accept does not name plainly is JSON. */
export function wantedFormat(format: Format | undefined, headers: IncomingHttpHeaders): Format {
  if (format) return format
  for (const range of (headers.accept ?? '').split(',')) {
    const known = BY_MEDIA_TYPE[range.split(';', 1)[0]!.trim().toLowerCase()]
    if (known) return known
  }
  return 'json'
}

/** Whether the client would rather fetch the answer later (RFC 7240 §4.1). */
export const prefersLater = ({ prefer }: IncomingHttpHeaders): boolean =>
  String(prefer ?? '')
    .split(/[,;]/)
    .some((preference) => preference.trim().toLowerCase() === 'respond-async')
