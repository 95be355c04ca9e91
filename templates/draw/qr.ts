import { TemplateError } from '../errors.ts'
import { alignmentCentres, alphanumeric, levelM } from './qr-tables.ts'

/** A QR symbol without its quiet zone: 1 for a dark module, row by row. */
export interface QrMatrix {
  readonly version: number
  readonly size: number
  readonly modules: Uint8Array
}

const largestVersion = levelM.length
const levelMBits = 0
const defaultMask = 3

/** What of a version no text changes (ISO/IEC 18004 §7): patterns, order of data bits, masks, division tables. */
interface CompiledVersion {
  readonly size: number
  readonly dataLength: number
  /** Function patterns and format for each mask, with the mask's own bits under the data. */
  readonly masked: readonly Uint8Array[]
  /** Place of every codeword bit in the zig-zag. */
  readonly order: Uint16Array
  readonly blocks: readonly { readonly from: number; readonly length: number }[]
  readonly ec: number
  /** Product of each byte with the generator's coefficients, `ec` a row. */
  readonly products: Uint8Array
  readonly data: Uint8Array
  readonly codewords: Uint8Array
  /** A block while it is divided. */
  readonly work: Uint8Array
}

const exponents = new Uint8Array(512)
const logarithms = new Uint8Array(256)
for (let i = 0, x = 1; i < 255; i++) {
  exponents[i] = exponents[i + 255] = x
  logarithms[x] = i
  x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1
}
const alphanumericValues = new Int8Array(128).fill(-1)
for (const [i, character] of [...alphanumeric].entries()) alphanumericValues[character.charCodeAt(0)] = i

/** Makes QR symbols of level M, up to version 14: alphanumeric where the text allows it, bytes of UTF-8 otherwise. */
export class QrEncoder {
  readonly #versions: (CompiledVersion | undefined)[] = []

  /**
   * @param mask 0 … 7, always the same one by default: choosing by penalty costs more than all else and readers do not need it
   * @returns a matrix of its own memory
   * @throws TemplateError QR_TEXT_TOO_LONG
   */
  encode(text: string, mask = defaultMask): QrMatrix {
    const isAlphanumeric = hasOnlyAlphanumeric(text)
    const bytes = isAlphanumeric ? undefined : new TextEncoder().encode(text)
    const count = bytes?.length ?? text.length
    const bits = bytes === undefined ? Math.floor(count / 2) * 11 + (count % 2) * 6 : 8 * count
    const version = smallestVersion(bits, isAlphanumeric)
    const compiled = (this.#versions[version] ??= compileVersion(version))
    packData(compiled, version, text, bytes)
    interleave(compiled)
    const modules = compiled.masked[mask]!.slice()
    const { order, codewords } = compiled
    const { length } = codewords
    for (let c = 0, i = 0; c < length; c++, i += 8) {
      const codeword = codewords[c]!
      for (let bit = 0; bit < 8; bit++) if ((codeword << bit) & 0x80) modules[order[i + bit]!]! ^= 1
    }
    return { version, size: compiled.size, modules }
  }
}

function hasOnlyAlphanumeric(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 127 || alphanumericValues[unit]! < 0) return false
  }
  return true
}

function countBits(version: number, isAlphanumeric: boolean): number {
  if (isAlphanumeric) return version < 10 ? 9 : 11
  return version < 10 ? 8 : 16
}

function dataLengthOf(version: number): number {
  return levelM[version - 1]!.groups.reduce((sum, [blocks, length]) => sum + blocks * length, 0)
}

function smallestVersion(bits: number, isAlphanumeric: boolean): number {
  for (let version = 1; version <= largestVersion; version++) {
    if (4 + countBits(version, isAlphanumeric) + bits <= 8 * dataLengthOf(version)) return version
  }
  throw new TemplateError('QR_TEXT_TOO_LONG', `the text does not fit into QR version ${largestVersion}-M`)
}

/** Mode, count, characters, terminator and pad codewords (ISO/IEC 18004 §7.4). */
function packData(compiled: CompiledVersion, version: number, text: string, bytes: Uint8Array | undefined): void {
  const { data, dataLength } = compiled
  let at = 0
  let pending = 0
  let pendingBits = 0
  const put = (value: number, width: number) => {
    pending = (pending << width) | value
    pendingBits += width
    while (pendingBits >= 8) {
      pendingBits -= 8
      data[at++] = pending >>> pendingBits
      pending &= (1 << pendingBits) - 1
    }
  }
  put(bytes === undefined ? 2 : 4, 4)
  put(bytes?.length ?? text.length, countBits(version, bytes === undefined))
  if (bytes === undefined) {
    const value = (i: number) => alphanumericValues[text.charCodeAt(i)]!
    for (let i = 0; i + 1 < text.length; i += 2) put(45 * value(i) + value(i + 1), 11)
    if (text.length % 2 === 1) put(value(text.length - 1), 6)
  } else {
    for (const byte of bytes) put(byte, 8)
  }
  put(0, Math.min(4, 8 * (dataLength - at) - pendingBits))
  if (pendingBits > 0) put(0, 8 - pendingBits)
  for (let pad = 0xec; at < dataLength; pad ^= 0xec ^ 0x11) data[at++] = pad
}

/** Reed–Solomon codewords of every block, then all blocks interleaved (§7.5, §7.6). */
function interleave(compiled: CompiledVersion): void {
  const { data, codewords, blocks, ec, products } = compiled
  const longest = blocks.at(-1)!.length
  let at = 0
  for (let i = 0; i < longest; i++) {
    for (const block of blocks) if (i < block.length) codewords[at++] = data[block.from + i]!
  }
  const { work } = compiled
  for (const [b, block] of blocks.entries()) {
    const { from, length } = block
    for (let i = 0; i < length; i++) work[i] = data[from + i]!
    work.fill(0, length, length + ec)
    for (let i = 0; i < length; i++) {
      const row = work[i]! * ec
      for (let k = 0; k < ec; k++) work[i + 1 + k]! ^= products[row + k]!
    }
    for (let k = 0; k < ec; k++) codewords[at + k * blocks.length + b] = work[length + k]!
  }
}

function compileVersion(version: number): CompiledVersion {
  const { ec, groups } = levelM[version - 1]!
  const size = 17 + 4 * version
  const blocks: { from: number; length: number }[] = []
  let from = 0
  for (const [count, length] of groups) {
    for (let i = 0; i < count; i++) {
      blocks.push({ from, length })
      from += length
    }
  }
  const pattern = functionPatterns(version, size)
  const order = zigzag(size, pattern.taken)
  const masked = Array.from({ length: 8 }, (_, mask) => applyMask(pattern, size, mask))
  return {
    size,
    dataLength: from,
    masked,
    order,
    blocks,
    ec,
    products: productTable(ec),
    data: new Uint8Array(from),
    codewords: new Uint8Array(from + ec * blocks.length),
    work: new Uint8Array(blocks.at(-1)!.length + ec),
  }
}

function productTable(ec: number): Uint8Array {
  let generator = [1]
  for (let root = 0; root < ec; root++) {
    const next = new Array<number>(generator.length + 1).fill(0)
    for (const [i, coefficient] of generator.entries()) {
      next[i]! ^= coefficient
      next[i + 1]! ^= multiply(coefficient, exponents[root]!)
    }
    generator = next
  }
  const products = new Uint8Array(256 * ec)
  for (let byte = 0; byte < 256; byte++) {
    for (let k = 0; k < ec; k++) products[byte * ec + k] = multiply(byte, generator[k + 1]!)
  }
  return products
}

function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : exponents[logarithms[a]! + logarithms[b]!]!
}

interface Pattern {
  readonly modules: Uint8Array
  readonly taken: Uint8Array
}

/** Finder, separator, timing, alignment patterns, version information, and the places of the format information (§6.3, §7.10). */
function functionPatterns(version: number, size: number): Pattern {
  const modules = new Uint8Array(size * size)
  const taken = new Uint8Array(size * size)
  const set = (row: number, column: number, dark: boolean) => {
    if (row < 0 || column < 0 || row >= size || column >= size) return
    modules[row * size + column] = dark ? 1 : 0
    taken[row * size + column] = 1
  }
  const ring = (row: number, column: number, reach: number, isDark: (distance: number) => boolean) => {
    for (let r = -reach; r <= reach; r++) {
      for (let c = -reach; c <= reach; c++) set(row + r, column + c, isDark(Math.max(Math.abs(r), Math.abs(c))))
    }
  }
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
  const finder = (distance: number) => distance !== 2 && distance !== 4
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    ring(row, column, 4, finder)
  const centres = alignmentCentres[version - 1]!
  for (const row of centres) {
    for (const column of centres) {
      const atFinder =
        (row === 6 && column === 6) || (row === 6 && column === size - 7) || (row === size - 7 && column === 6)
      if (!atFinder) ring(row, column, 2, (distance) => distance !== 1)
    }
  }
  for (let i = 0; i < 9; i++) {
    if (i !== 6) {
      set(8, i, false)
      set(i, 8, false)
    }
    if (i < 8) {
      set(8, size - 1 - i, false)
      set(size - 1 - i, 8, false)
    }
  }
  set(size - 8, 8, true)
  if (version >= 7) writeVersion(version, size, set)
  return { modules, taken }
}

function writeVersion(version: number, size: number, set: (row: number, column: number, dark: boolean) => void): void {
  let remainder = version
  for (let i = 0; i < 12; i++) remainder = (remainder << 1) ^ ((remainder >>> 11) * 0x1f25)
  const bits = (version << 12) | remainder
  for (let i = 0; i < 18; i++) {
    const dark = ((bits >>> i) & 1) === 1
    set(Math.floor(i / 3), size - 11 + (i % 3), dark)
    set(size - 11 + (i % 3), Math.floor(i / 3), dark)
  }
}

/** Format information of level M and the mask, written at both its places (§7.9). */
function writeFormat(modules: Uint8Array, size: number, mask: number): void {
  const value = (levelMBits << 3) | mask
  let remainder = value
  for (let i = 0; i < 10; i++) remainder = (remainder << 1) ^ ((remainder >>> 9) * 0x537)
  const bits = ((value << 10) | remainder) ^ 0x5412
  for (let i = 0; i < 15; i++) {
    const dark = (bits >>> i) & 1
    const vertical = i < 6 ? i : i < 8 ? i + 1 : size - 15 + i
    const horizontal = i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i
    modules[vertical * size + 8] = dark
    modules[8 * size + horizontal] = dark
  }
  modules[(size - 8) * size + 8] = 1
}

const maskRules: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

function applyMask(pattern: Pattern, size: number, mask: number): Uint8Array {
  const modules = pattern.modules.slice()
  const rule = maskRules[mask]!
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = row * size + column
      if (pattern.taken[at] === 0 && rule(row, column)) modules[at] = 1
    }
  }
  writeFormat(modules, size, mask)
  return modules
}

/** Two columns at a time from the right, upwards and downwards in turn, leaving out the timing column (§7.7.3). */
function zigzag(size: number, taken: Uint8Array): Uint16Array {
  const order: number[] = []
  let isUpward = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5
    for (let i = 0; i < size; i++) {
      const row = isUpward ? size - 1 - i : i
      for (const column of [right, right - 1]) {
        if (taken[row * size + column] === 0) order.push(row * size + column)
      }
    }
    isUpward = !isUpward
  }
  return Uint16Array.from(order)
}
