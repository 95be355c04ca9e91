// Reads multipart/form-data (RFC 7578, RFC 2046 §5.1) that lies in memory whole, strictly: what is not plainly one list of fields is refused.
import { PlatformError } from '../errors.ts'

export interface FormField {
  readonly name: string
  /** Of a file, without any folder, as the client wrote it; undefined for a text field. */
  readonly fileName: string | undefined
  /** A view into the body. */
  readonly bytes: Uint8Array
}

const MOST_HEADER_OCTETS = 4096
const CRLF = '\r\n'
/** RFC 2046 §5.1.1. */
const BOUNDARY = /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/

/** Throws REQUEST_MALFORMED, with what was found, for anything else and for more than `mostFields`. */
export function parseFormData(body: Uint8Array, contentType: string, mostFields: number): FormField[] {
  const boundary = boundaryOf(contentType)
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = Buffer.from(`${CRLF}--${boundary}`, 'latin1')
  // The first delimiter has no line before it unless there is a preamble.
  let at = startsWith(bytes, delimiter.subarray(2)) ? delimiter.length - 2 : endOf(bytes, delimiter, 0)
  const fields: FormField[] = []
  for (;;) {
    if (bytes.subarray(at, at + 2).toString('latin1') === '--') return fields
    const lineEnd = bytes.indexOf(CRLF, at)
    if (lineEnd < 0 || bytes.subarray(at, lineEnd).toString('latin1').trim() !== '') throw invalid('a broken delimiter')
    if (fields.length >= mostFields) throw invalid(`more than ${mostFields} items`)
    const next = bytes.indexOf(delimiter, lineEnd)
    if (next < 0) throw invalid('no end')
    fields.push(readField(bytes.subarray(lineEnd, next)))
    at = next + delimiter.length
  }
}

const startsWith = (bytes: Buffer, prefix: Buffer): boolean => bytes.subarray(0, prefix.length).equals(prefix)

function endOf(bytes: Buffer, delimiter: Buffer, from: number): number {
  const found = bytes.indexOf(delimiter, from)
  if (found < 0) throw invalid('no delimiter of the announced boundary')
  return found + delimiter.length
}

function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]*)"|([^\s;"]*))\s*(?:;|$)/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2] ?? ''
  if (!BOUNDARY.test(boundary)) throw invalid('no boundary in the media type')
  return boundary
}

/** `part` begins with the line end after its delimiter; a part without headers has none between. */
function readField(part: Buffer): FormField {
  const head = part.subarray(0, MOST_HEADER_OCTETS).indexOf(CRLF + CRLF)
  if (head < 0) throw invalid('a field without headers, or with too many')
  const headers = part.subarray(2, head).toString('utf8').split(CRLF)
  const headerOf = (name: string) => {
    const found = headers.filter((line) => line.toLowerCase().startsWith(`${name}:`))
    if (found.length > 1) throw invalid(`a field with two headers ${name}`)
    return found[0]?.slice(name.length + 1).trim()
  }
  const disposition = headerOf('content-disposition') ?? ''
  if (!/^form-data\s*;/i.test(disposition)) throw invalid('a field without its name')
  if (!/^(binary|8bit|7bit)?$/i.test(headerOf('content-transfer-encoding') ?? ''))
    throw invalid('a field in a transfer encoding')
  const name = parameterOf(disposition, 'name')
  if (name === undefined) throw invalid('a field without its name')
  const fileName = parameterOf(disposition, 'filename')
  return { name, fileName: fileName?.split(/[\\/]/).at(-1), bytes: part.subarray(head + 4) }
}

/** Browsers write a quotation mark in a name as %22, other programs with a backslash before it. */
function parameterOf(disposition: string, name: string): string | undefined {
  const found = [...disposition.matchAll(new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'gi'))]
  if (found.length > 1) throw invalid(`a field with two parameters ${name}`)
  return found[0] && (found[0][1]?.replaceAll(/\\(["\\])/g, '$1').replaceAll('%22', '"') ?? found[0][2])
}

const invalid = (what: string) => new PlatformError('REQUEST_MALFORMED', `expected multipart/form-data, found ${what}`)
