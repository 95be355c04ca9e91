import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { inflate } from './inflate.ts'
import {
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  nameOf,
  numberOf,
  type PdfDictionary,
  type PdfValue,
} from './objects.ts'
import type { Page } from './pages.ts'
import { refuseUnequalForms, undoPredictor } from './stream-data.ts'
import { isWhite } from './syntax.ts'

/** Filters one behind the other in a content stream; more than this serves nothing. */
const MOST_FILTERS = 4

const broken = (detail: string): never => {
  throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', `compressed data: ${detail}`)
}

/**
 * What a content stream, font map or form holds: as `PdfDocument.data`, but with every filter for such data, chains of them and entries
 * written indirectly (ISO 32000-2, 7.4). For what writers do, where no cross-reference depends on it.
 *
 * @throws PadesError PADES_FILTER_UNSUPPORTED, PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED, PADES_MALFORMED
 */
export function contentData(document: PdfDocument, value: PdfValue | undefined): Uint8Array {
  const object = isReference(value) ? document.target(value) : null
  if (object === null) throw new PadesError('PADES_MALFORMED', 'something that should be a stream is none')
  return contentOf(document, object)
}

/** The same of a stream that is at hand. */
export function contentOf(document: PdfDocument, object: IndirectObject): Uint8Array {
  if (object.stream === null || !isDictionary(object.value))
    throw new PadesError('PADES_MALFORMED', 'something that should be a stream is none')
  const { budget } = document.shared
  const { entries } = object.value
  if (entries.has('F')) throw new PadesError('PADES_FILTER_UNSUPPORTED', 'a stream in another file')
  refuseUnequalForms(document.resolve(entries.get('Filter')), document.resolve(entries.get('DecodeParms')))
  const filters = listOf(document, entries.get('Filter'))
  const parameters = listOf(document, entries.get('DecodeParms'))
  if (filters.length > MOST_FILTERS) throw new PadesError('PADES_FILTER_UNSUPPORTED', 'a long chain of filters')
  let data = object.stream
  filters.forEach((filter, index) => {
    const name = nameOf(document.resolve(filter)) ?? ''
    const decode = decoders[name]
    if (decode === undefined) throw new PadesError('PADES_FILTER_UNSUPPORTED', `filter ${name} of a content stream`)
    const own = document.dictionary(parameters[index])
    const early = numberOf(document.resolve(own?.entries.get('EarlyChange'))) ?? 1
    data = decode(data, budget.inflated(data.length), early)
    budget.work(data.length)
    if (own !== null && decode !== fromAscii85 && decode !== fromAsciiHex && decode !== fromRunLength)
      data = undoPredictor(data, resolvedEntries(document, own))
  })
  return data
}

const listOf = (document: PdfDocument, value: PdfValue | undefined): readonly PdfValue[] => {
  const resolved = document.resolve(value)
  return resolved === null ? [] : isArray(resolved) ? resolved.items : [resolved]
}

const resolvedEntries = (document: PdfDocument, { entries }: PdfDictionary): PdfDictionary => ({
  kind: 'dictionary',
  entries: new Map([...entries].map(([key, value]) => [key, document.resolve(value)])),
})

/** The content streams of a page, as if they were one (7.7.3.3). */
export function pageContent(document: PdfDocument, page: Pick<Page, 'dictionary'>): Uint8Array {
  const parts = contentParts(document, page).map((part) => contentData(document, part))
  const length = parts.reduce((sum, part) => sum + part.length + 1, 0)
  document.shared.budget.work(length)
  const data = new Uint8Array(length).fill(32)
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length + 1
  }
  return data
}

/** The streams of a page's content as they are named. */
export function contentParts(document: PdfDocument, { dictionary }: Pick<Page, 'dictionary'>): readonly PdfValue[] {
  const contents = dictionary.entries.get('Contents') ?? null
  const resolved = document.resolve(contents)
  return isArray(resolved) ? resolved.items : contents === null || resolved === null ? [] : [contents]
}

type Decoder = (data: Uint8Array, most: number, early: number) => Uint8Array

/** Collects decoded bytes up to a limit. */
class Output {
  #bytes = new Uint8Array(4_096)
  readonly #most: number
  length = 0

  constructor(most: number) {
    this.#most = most
  }

  push(byte: number): void {
    if (this.length >= this.#most) throw new PadesError('PADES_LIMIT_EXCEEDED', 'a stream decodes to too much')
    if (this.length === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes[this.length++] = byte
  }

  at(index: number): number {
    return this.#bytes[index]!
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }
}

/** 7.4.2. */
const fromAsciiHex: Decoder = (data, most) => {
  const output = new Output(most)
  let high = -1
  for (const byte of data) {
    if (byte === 0x3e) break
    if (isWhite(byte)) continue
    const digit = hexDigitOf(byte)
    if (digit < 0) return broken('no hex digit')
    if (high < 0) high = digit
    else {
      output.push(high * 16 + digit)
      high = -1
    }
  }
  if (high >= 0) output.push(high * 16)
  return output.bytes
}

function hexDigitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const small = byte | 0x20
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1
}

/** 7.4.3. */
const fromAscii85: Decoder = (data, most) => {
  const output = new Output(most)
  let group = 0
  let digits = 0
  const write = (count: number): void => {
    if (group > 0xffffffff) broken('an ASCII85 group that is too large')
    for (let i = 0; i < count; i++) output.push((group >>> (24 - 8 * i)) & 255)
    group = digits = 0
  }
  for (const byte of data) {
    if (byte === 0x7e) break
    if (isWhite(byte)) continue
    if (byte === 0x7a && digits === 0) for (let i = 0; i < 4; i++) output.push(0)
    else if (byte < 0x21 || byte > 0x75) return broken('no ASCII85 digit')
    else {
      group = group * 85 + (byte - 0x21)
      if (++digits === 5) write(4)
    }
  }
  if (digits === 1) return broken('an ASCII85 group of one digit')
  const rest = digits
  if (rest > 0) {
    for (; digits < 5; digits++) group = group * 85 + 84
    write(rest - 1)
  }
  return output.bytes
}

/** 7.4.5. */
const fromRunLength: Decoder = (data, most) => {
  const output = new Output(most)
  for (let at = 0; at < data.length && data[at] !== 128; ) {
    const length = data[at++]!
    const isRun = length > 128
    const count = isRun ? 257 - length : length + 1
    if (at + (isRun ? 1 : count) > data.length) return broken('a run that is cut off')
    for (let i = 0; i < count; i++) output.push(data[isRun ? at : at + i]!)
    at += isRun ? 1 : count
  }
  return output.bytes
}

/** 7.4.4: codes of 9 to 12 bits; with /EarlyChange 1 they grow one code early. */
const fromLzw: Decoder = (data, most, early) => {
  const output = new Output(most)
  const starts = new Int32Array(4_096)
  const lengths = new Int32Array(4_096)
  let next = 258
  let width = 9
  let bits = 0
  let held = 0
  let previous = -1
  for (const byte of data) {
    held = ((held << 8) | byte) & 0xffffff
    bits += 8
    if (bits < width) continue
    bits -= width
    const code = (held >> bits) & ((1 << width) - 1)
    if (code === 257) break
    if (code === 256) {
      next = 258
      width = 9
      previous = -1
      continue
    }
    const start = output.length
    const isKnown = code < 256 || code < next
    if (!isKnown && (code !== next || previous < 0)) return broken('an LZW code that is not in the table')
    if (code < 256) output.push(code)
    else {
      const from = isKnown ? starts[code]! : previous
      const length = isKnown ? lengths[code]! : start - previous + 1
      for (let i = 0; i < length; i++) output.push(output.at(from + i))
    }
    if (previous >= 0 && next < 4_096) {
      starts[next] = previous
      lengths[next++] = start - previous + 1
    }
    previous = start
    if (width < 12 && next + early >= 1 << width) width++
  }
  return output.bytes
}

const fromFlate: Decoder = (data, most) => inflate(data, most)

/** The filters that write octets as letters. */
export const asciiDecoders: Readonly<Record<string, Decoder>> = Object.assign(Object.create(null), {
  ASCII85Decode: fromAscii85,
  ASCIIHexDecode: fromAsciiHex,
})

const decoders: Readonly<Record<string, Decoder>> = Object.assign(Object.create(null), {
  FlateDecode: fromFlate,
  LZWDecode: fromLzw,
  ...asciiDecoders,
  RunLengthDecode: fromRunLength,
})
