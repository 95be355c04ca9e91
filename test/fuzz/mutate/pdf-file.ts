// A PDF as a mutator sees it: found by patterns, never parsed strictly, so that what was mutated before can be mutated again.
import { deflateSync } from 'node:zlib'

export interface FoundObject {
  readonly number: number
  /** Between `obj` and `endobj`. */
  readonly from: number
  readonly to: number
}

export interface PdfFile {
  readonly bytes: Buffer
  /** One character a byte. */
  readonly text: string
  /** As they lie in the file. */
  readonly objects: readonly FoundObject[]
  /** Offsets after every `%%EOF` and the end of its line. */
  readonly ends: readonly number[]
  readonly startxref: number
  /** `12 0 R`, or null. */
  readonly root: string | null
  readonly size: number
}

const MOST_OBJECTS = 2_000

export function openPdf(input: Uint8Array): PdfFile {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length)
  const text = bytes.toString('latin1')
  const objects: FoundObject[] = []
  for (const match of text.matchAll(/\b(\d{1,7}) \d{1,5} obj\b/g)) {
    if (objects.length >= MOST_OBJECTS) break
    const from = match.index + match[0].length
    const end = text.indexOf('endobj', from)
    if (end >= 0) objects.push({ number: Number(match[1]), from, to: end })
  }
  const last = (pattern: RegExp) => [...text.matchAll(pattern)].at(-1)
  return {
    bytes,
    text,
    objects,
    ends: Array.from(text.matchAll(/%%EOF\r?\n?/g), (match) => match.index + match[0].length),
    startxref: Number(last(/startxref\s+(\d+)/g)?.[1] ?? 0),
    root: last(/\/Root\s*(\d+ \d+ R)/g)?.[1] ?? null,
    size: Number(last(/\/Size\s+(\d+)/g)?.[1] ?? 1),
  }
}

/** The newest body of an object by its number. */
export const bodyOf = (pdf: PdfFile, number: number): string | undefined => {
  const found = pdf.objects.findLast((candidate) => candidate.number === number)
  return found && pdf.text.slice(found.from, found.to)
}

export interface NewObject {
  readonly number: number
  /** Between `obj` and `endobj`, one character a byte. */
  readonly body: string
}

/** A stream's body with the right length. */
export const streamBody = (entries: string, data: string): string =>
  `\n<<${entries}/Length ${data.length}>>\nstream\n${data}\nendstream\n`

export const deflated = (data: string): string => deflateSync(Buffer.from(data, 'latin1')).toString('latin1')

export type RevisionForm = 'table' | 'stream' | 'object-stream' | 'hybrid' | 'unlisted' | 'no-trailer'

export interface RevisionOptions {
  readonly form: RevisionForm
  readonly prev?: number
  readonly root?: string
  /** More entries of the trailer. */
  readonly trailer?: string
  readonly freed?: readonly number[]
}

const entry = (offset: number, kind = 'n') => `${String(offset).padStart(10, '0')} 00000 ${kind} \n`

const binary = (...fields: readonly (readonly [value: number, octets: number])[]): string =>
  fields
    .map(([value, octets]) => Buffer.from(value.toString(16).padStart(octets * 2, '0'), 'hex').toString('latin1'))
    .join('')

/** The file with one more revision, as a program would append it or as none would. */
export function appendRevision(pdf: PdfFile, objects: readonly NewObject[], options: RevisionOptions): Uint8Array {
  const { form, prev = pdf.startxref, root = pdf.root ?? '1 0 R', trailer = '', freed = [] } = options
  let size = Math.max(pdf.size, ...objects.map(({ number }) => number + 1))
  let tail = pdf.text.endsWith('\n') ? '' : '\n'
  const offsets = new Map<number, number>()
  const packed = form === 'object-stream' ? objects.filter(({ body }) => !body.includes('stream')) : []
  const put = ({ number, body }: NewObject): void => {
    offsets.set(number, pdf.bytes.length + tail.length)
    tail += `${number} 0 obj${body}endobj\n`
  }
  for (const object of objects) if (!packed.includes(object)) put(object)
  const common = () => `/Size ${size}/Root ${root}/Prev ${prev}${trailer}`
  const table = (kept: Iterable<[number, number]>): string =>
    `xref\n${freed.map((number) => `${number} 1\n${entry(0, 'f')}`).join('')}${Array.from(
      kept,
      ([number, offset]) => `${number} 1\n${entry(offset)}`,
    ).join('')}`
  const end = (at: number): string => `startxref\n${at}\n%%EOF\n`
  const finish = () => new Uint8Array(Buffer.concat([pdf.bytes, Buffer.from(tail, 'latin1')]))
  if (form === 'unlisted') {
    tail += end(prev)
    return finish()
  }
  if (form === 'table' || form === 'no-trailer') {
    const at = pdf.bytes.length + tail.length
    tail += table(offsets)
    tail += form === 'table' ? `trailer\n<<${common()}>>\n${end(at)}` : end(at)
    return finish()
  }
  const rows = new Map<number, string>()
  for (const number of freed) rows.set(number, binary([0, 1], [0, 4], [0, 2]))
  if (packed.length) {
    const holder = size++
    let pairs = ''
    let data = ''
    for (const [index, { number, body }] of packed.entries()) {
      pairs += `${number} ${data.length} `
      data += `${body.trim()}\n`
      rows.set(number, binary([2, 1], [holder, 4], [index, 2]))
    }
    const entries = `/Type/ObjStm/N ${packed.length}/First ${pairs.length}/Filter/FlateDecode`
    put({ number: holder, body: streamBody(entries, deflated(pairs + data)) })
  }
  for (const [number, offset] of offsets) rows.set(number, binary([1, 1], [offset, 4], [0, 2]))
  const own = size++
  const at = pdf.bytes.length + tail.length
  rows.set(own, binary([1, 1], [at, 4], [0, 2]))
  const index = [...rows.keys()].map((number) => `${number} 1`).join(' ')
  const entries = `/Type/XRef/W[1 4 2]/Index[${index}]${common()}/Filter/FlateDecode`
  tail += `${own} 0 obj${streamBody(entries, deflated([...rows.values()].join('')))}endobj\n`
  if (form === 'stream' || form === 'object-stream') {
    tail += end(at)
    return finish()
  }
  const tableAt = pdf.bytes.length + tail.length
  tail += `${table(offsets)}trailer\n<<${common()}/XRefStm ${at}>>\n${end(tableAt)}`
  return finish()
}
