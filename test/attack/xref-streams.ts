// PDFs written with cross-reference streams, by hand: attacks that lie about where objects are.
import { concat } from '../pades/documents.ts'

export const bytesOf = (text: string): Uint8Array => concat(text)
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** An entry of a cross-reference stream: 1 offset generation, or 2 container index (ISO 32000-2, 7.5.8.3). */
export type XrefEntry = readonly [type: 1 | 2, second: number, third: number]

export interface XrefRevision {
  /** Bodies by number, in the order in which they stand. */
  readonly objects: readonly (readonly [number, string])[]
  /** Entries beside those of the objects. */
  readonly entries?: readonly (readonly [number, ...XrefEntry])[]
  /** Where single objects are to stand. */
  readonly at?: ReadonlyMap<number, number>
  /** The number of the cross-reference itself. */
  readonly number: number
  readonly root?: string
  readonly previous?: number
  readonly size?: number
}

/** `text` with a revision appended. */
export function withRevision(
  text: string,
  { objects, entries = [], at, number, root = '1 0 R', previous, size = 300 }: XrefRevision,
): string {
  let written = text
  const listed = new Map<number, XrefEntry>()
  for (const [own, body] of objects) {
    written = written.padEnd(at?.get(own) ?? 0)
    listed.set(own, [1, written.length, 0])
    written += `${own} 0 obj\n${body}\nendobj\n`
  }
  for (const [own, ...entry] of entries) listed.set(own, entry)
  const start = written.length
  listed.set(number, [1, start, 0])
  const numbers = [...listed.keys()].sort((a, b) => a - b)
  const rows = numbers.map((own) => {
    const [type, second, third] = listed.get(own)!
    return String.fromCharCode(
      type,
      (second >>> 24) & 255,
      (second >>> 16) & 255,
      (second >>> 8) & 255,
      second & 255,
      (third >>> 8) & 255,
      third & 255,
    )
  })
  const index = numbers.map((own) => `${own} 1`).join(' ')
  const head = `/Type /XRef /Size ${size} /Root ${root} ${previous === undefined ? '' : `/Prev ${previous} `}/W [1 4 2] /Index [${index}]`
  return `${written}${number} 0 obj\n${streamOf(rows.join(''), head)}\nendobj\nstartxref\n${start}\n%%EOF\n`
}

/** A PDF of these objects, numbered from 1, with a cross-reference stream. */
export const streamPdfOf = (objects: readonly string[]): Uint8Array =>
  bytesOf(
    withRevision('%PDF-1.7\n', {
      objects: objects.map((body, index) => [index + 1, body] as const),
      ...{ number: objects.length + 1, size: objects.length + 2 },
    }),
  )

export const streamOf = (text: string, entries = ''): string =>
  `<< ${entries} /Length ${text.length} >>\nstream\n${text}\nendstream`

/** An object stream of these objects. */
export function objectStreamOf(objects: readonly (readonly [number, string])[]): string {
  let head = ''
  let body = ''
  for (const [number, value] of objects) {
    head += `${number} ${body.length} `
    body += `${value} `
  }
  return streamOf(head + body.trimEnd(), `/Type /ObjStm /N ${objects.length} /First ${head.length}`)
}

/** The offset that a file ends with. */
export const lastXrefOf = (text: string): number => Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)![1])
