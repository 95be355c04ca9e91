// Bodies of the routes of documents: one PDF with its order in the address, or a form with the order and one PDF or many.
import type { IncomingHttpHeaders } from 'node:http'
import { type FormField, parseFormData, parseJson, validate } from '../../platform/http/index.ts'
import { SealError } from '../errors.ts'
import type { UploadedDocument } from '../operations/use/seal-uploaded.ts'
import { type AskedOrder, orderSchema } from './document-schemas.ts'

const PDF_TYPE = 'application/pdf'
const FORM_TYPE = 'multipart/form-data'
const MOST_DOCUMENTS = 200
const MOST_ORDER_BYTES = 64 * 1024
const LONGEST_NAME = 200

/** What routes with an upload say of their bodies. */
export const uploadBody = {
  mediaTypes: [PDF_TYPE, FORM_TYPE],
  maxBytes: 32 << 20,
  maxBytesOf: { [FORM_TYPE]: 256 << 20 },
}

export interface Upload {
  readonly order: AskedOrder
  readonly documents: readonly UploadedDocument[]
}

const checkOrder = validate(orderSchema, '/order')

/** Throws `SEAL_UPLOAD_INVALID`, REQUEST_MALFORMED, REQUEST_BODY_NOT_JSON, REQUEST_INVALID. */
export function readUpload(
  bytes: Uint8Array | undefined,
  headers: IncomingHttpHeaders,
  query: { readonly order?: string | undefined; readonly name?: string | undefined },
): Upload {
  if (bytes === undefined || bytes.length === 0) throw invalid('the body holds no document')
  const mediaType = headers['content-type'] ?? ''
  if (!mediaType.toLowerCase().startsWith(FORM_TYPE)) {
    const order = checkOrder(parseJson(new TextEncoder().encode(query.order ?? '{}')))
    return { order, documents: [{ name: plainName(query.name), pdf: bytes }] }
  }
  const fields = parseFormData(bytes, mediaType, MOST_DOCUMENTS + 1)
  const orders = fields.filter(({ name }) => name === 'order')
  const files = fields.filter(({ name }) => name === 'document')
  if (orders.length !== 1 || orders[0]!.bytes.length > MOST_ORDER_BYTES)
    throw invalid('expected one field "order" with JSON')
  if (files.length === 0 || files.length + 1 !== fields.length)
    throw invalid(`expected 1 to ${MOST_DOCUMENTS} fields "document", and nothing else`)
  return { order: checkOrder(parseJson(orders[0]!.bytes)), documents: files.map(toDocument) }
}

const toDocument = ({ fileName, bytes }: FormField): UploadedDocument => ({
  name: plainName(fileName),
  pdf: bytes,
})

/** A name that is shown and told again: nothing unseen in it, of bearable length. */
function plainName(name: string | undefined): string {
  const seen = (name ?? '').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '').trim()
  return [...seen].slice(0, LONGEST_NAME).join('') || 'document.pdf'
}

const invalid = (what: string): SealError => new SealError('SEAL_UPLOAD_INVALID', what)
