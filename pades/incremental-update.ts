import type { PdfDocument } from './document.ts'
import { isArray, isString, type PdfReference, type PdfValue } from './objects.ts'
import { isWhite } from './syntax.ts'
import { hex, writeDictionary, writeValue } from './write-value.ts'

/** An object of an update: its body, with the bytes of its stream where it has one. */
export interface UpdatedObject {
  readonly number: number
  readonly generation: number
  /** PDF syntax in ASCII. */
  readonly body: string
  readonly stream?: Uint8Array
  /** A place filled with the digit 0 right after the body, and what follows it: where a /Contents will come. */
  readonly reserved?: { readonly digits: number; readonly after: string }
}

export interface Update {
  readonly bytes: Uint8Array
  /** Offset of each object's first byte, in the order given. */
  readonly offsets: readonly number[]
}

/** The first object number that no section of the document knows. */
export function firstFreeNumber(document: PdfDocument): number {
  let number = 1
  for (const { section, hybrid } of document.chain) {
    const size = section.trailer.entries.get('Size')
    if (typeof size === 'number') number = Math.max(number, size)
    for (const { first, count } of [...section.runs, ...(hybrid?.runs ?? [])]) number = Math.max(number, first + count)
  }
  return number
}

/**
 * Appends objects as one incremental update (ISO 32000-2, 7.5.6), with a cross-reference of the kind that the document ends
 * with. The document's bytes are copied once and stay as they are.
 *
 * @param secondId the second part of the new /ID; the first stays
 */
export function appendUpdate(document: PdfDocument, objects: readonly UpdatedObject[], secondId: Uint8Array): Update {
  const { bytes } = document.shared
  const lead = isWhite(bytes[bytes.length - 1]) ? 0 : 1
  const offsets: number[] = []
  let end = bytes.length + lead
  const heads = objects.map(({ number, generation, body, stream, reserved }) => {
    const head = `${number} ${generation} obj\n${body}${stream === undefined ? '' : '\nstream\n'}`
    offsets.push(end)
    end += head.length + (stream?.length ?? 0) + (reserved?.digits ?? 0) + tailOf(stream, reserved).length
    return head
  })
  const tail = crossReference(document, objects, offsets, end, secondId)
  const output = new Uint8Array(end + tail.length)
  output.set(bytes)
  if (lead === 1) output[bytes.length] = 10
  objects.forEach(({ stream, reserved }, index) => {
    let at = writeAscii(output, offsets[index]!, heads[index]!)
    if (stream !== undefined) {
      output.set(stream, at)
      at += stream.length
    }
    if (reserved !== undefined) output.fill(0x30, at, (at += reserved.digits))
    writeAscii(output, at, tailOf(stream, reserved))
  })
  writeAscii(output, end, tail)
  return { bytes: output, offsets }
}

const streamTail = '\nendstream\nendobj\n'

function tailOf(stream: UpdatedObject['stream'], reserved: UpdatedObject['reserved']): string {
  return stream !== undefined ? streamTail : reserved !== undefined ? `${reserved.after}\nendobj\n` : '\nendobj\n'
}

/** Writes one byte a character (below 256); returns the offset after it. */
export function writeAscii(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i)
  return at + text.length
}

function crossReference(
  document: PdfDocument,
  objects: readonly UpdatedObject[],
  offsets: readonly number[],
  at: number,
  secondId: Uint8Array,
): string {
  const newest = document.chain[0]!.section
  const listed = objects.map(({ number, generation }, index) => ({ number, generation, offset: offsets[index]! }))
  let size = firstFreeNumber(document)
  for (const { number } of listed) size = Math.max(size, number + 1)
  const entries = trailerEntries(document, secondId)
  const section =
    newest.kind === 'table'
      ? tableSection(listed, entries, size, newest.offset)
      : streamSection([...listed, { number: size, generation: 0, offset: at }], entries, size, newest.offset)
  return `${section}startxref\n${at}\n%%EOF\n`
}

interface Listed {
  readonly number: number
  readonly generation: number
  readonly offset: number
}

/** Runs of consecutive numbers: a table's subsections, a stream's /Index. */
function runsOf(listed: readonly Listed[]): Listed[][] {
  const runs: Listed[][] = []
  for (const item of [...listed].sort((a, b) => a.number - b.number)) {
    const run = runs.at(-1)
    if (run !== undefined && run.at(-1)!.number + 1 === item.number) run.push(item)
    else runs.push([item])
  }
  return runs
}

/** Entries of exactly twenty bytes (7.5.4). */
function tableSection(listed: readonly Listed[], entries: string, size: number, previous: number): string {
  let text = 'xref\n'
  for (const run of runsOf(listed)) {
    text += `${run[0]!.number} ${run.length}\n`
    for (const { offset, generation } of run) {
      text += `${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} n \n`
    }
  }
  return `${text}trailer\n<< /Size ${size} ${entries} /Prev ${previous} >>\n`
}

/** Unfiltered, so that its length is known before it is written; `data` holds one character a byte (7.5.8). */
function streamSection(listed: readonly Listed[], entries: string, size: number, previous: number): string {
  const runs = runsOf(listed)
  let data = ''
  for (const { offset, generation } of runs.flat())
    data += bigEndian(1, 1) + bigEndian(offset, 5) + bigEndian(generation, 2)
  const index = runs.map((run) => `${run[0]!.number} ${run.length}`).join(' ')
  const dictionary = `<< /Type /XRef /Size ${size + 1} ${entries} /Prev ${previous} /Index [${index}] /W [1 5 2] /Length ${data.length} >>`
  return `${size} 0 obj\n${dictionary}\nstream\n${data}${streamTail}`
}

function bigEndian(value: number, width: number): string {
  let text = ''
  for (let i = width - 1; i >= 0; i--) text += String.fromCharCode(Math.floor(value / 256 ** i) & 255)
  return text
}

/** Keys that belong to one section and not to the document. */
const withoutOwnKeys: Readonly<Record<string, null>> = Object.fromEntries(
  [
    'Size',
    'Prev',
    'XRefStm',
    'ID',
    'Type',
    'W',
    'Index',
    'Filter',
    'DecodeParms',
    'Length',
    'F',
    'FFilter',
    'FDecodeParms',
    'DL',
  ].map((key) => [key, null]),
)

function trailerEntries(document: PdfDocument, secondId: Uint8Array): string {
  const kept = writeDictionary(document.trailer, withoutOwnKeys)
  const second = `<${hex(secondId)}>`
  const first = firstId(document)
  return `${kept.slice(3, -3)} /ID [${first === null ? second : `<${hex(first)}>`} ${second}]`
}

/** The first part of /ID, which names the document through all its revisions (14.4). */
export function firstId(document: PdfDocument): Uint8Array | null {
  const id = document.resolve(document.trailer.entries.get('ID'))
  const first = isArray(id) ? document.resolve(id.items[0]) : null
  return isString(first) ? first.bytes : null
}

/** A reference in PDF syntax. */
export function referenceTo(object: { readonly number: number; readonly generation: number }): string {
  const reference: PdfReference = { kind: 'reference', number: object.number, generation: object.generation }
  return writeValue(reference)
}

/** The items of an array with more at its end, in PDF syntax. */
export function arrayWith(items: readonly PdfValue[], added: readonly string[]): string {
  return `[${[...items.map(writeValue), ...added].join(' ')}]`
}
