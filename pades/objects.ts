import type { Budget } from './limits.ts'
import type { Outgoing } from './reference-graph.ts'

/** The values of PDF syntax (ISO 32000-2, 7.3). An integer is a `number`; null entries of a dictionary are left out (7.3.7). */
export type PdfValue = null | boolean | number | PdfReal | PdfName | PdfString | PdfReference | PdfArray | PdfDictionary

export interface PdfReal {
  readonly kind: 'real'
  readonly value: number
  /** As written, so that it can be written again unchanged. */
  readonly text: string
}
export interface PdfName {
  readonly kind: 'name'
  /** Without the slash, `#xx` resolved, one character a byte. */
  readonly name: string
}
export interface PdfString {
  readonly kind: 'string'
  readonly bytes: Uint8Array
  readonly form: 'literal' | 'hex'
  /** Offsets of the token with its brackets: [start, end). */
  readonly start: number
  readonly end: number
}
export interface PdfReference {
  readonly kind: 'reference'
  readonly number: number
  readonly generation: number
}
export interface PdfArray {
  readonly kind: 'array'
  readonly items: readonly PdfValue[]
}
export interface PdfDictionary {
  readonly kind: 'dictionary'
  readonly entries: ReadonlyMap<string, PdfValue>
}

/** What stands between `n g obj` and `endobj`. */
export interface IndirectObject {
  readonly number: number
  readonly generation: number
  readonly value: PdfValue
  /** The stream's raw bytes, where the object is one. */
  readonly stream: Uint8Array | null
  /** Offsets of the whole object; both 0 for one that lies in an object stream. */
  readonly start: number
  readonly end: number
  /** As it is written in its object stream, where it lies in one. */
  readonly packed: Uint8Array | null
  /** Every reference in it, once somebody has looked for them. */
  references: readonly Outgoing[] | null
}

export const isDictionary = (value: PdfValue | undefined): value is PdfDictionary => kindOf(value) === 'dictionary'
export const isArray = (value: PdfValue | undefined): value is PdfArray => kindOf(value) === 'array'
export const isReference = (value: PdfValue | undefined): value is PdfReference => kindOf(value) === 'reference'
export const isString = (value: PdfValue | undefined): value is PdfString => kindOf(value) === 'string'

function kindOf(value: PdfValue | undefined): string | null {
  return typeof value === 'object' && value !== null ? value.kind : null
}

/** The name a value holds, or null when it is no name. */
export function nameOf(value: PdfValue | undefined): string | null {
  return typeof value === 'object' && value !== null && value.kind === 'name' ? value.name : null
}

/** The number a value holds, integer or real, or null. */
export function numberOf(value: PdfValue | undefined): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'object' && value !== null && value.kind === 'real' ? value.value : null
}

/** What it costs to come by a value, in bytes read. */
const VALUE = 4

/**
 * Whether two values are written alike, references compared and not followed. 595 and 595.0 are not: where an integer is asked for, readers
 * leave out the other. Counted, since many places may hold one large value.
 */
export function sameValue(left: PdfValue, right: PdfValue, budget: Budget): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  switch (left.kind) {
    case 'real':
      return right.kind === 'real' && left.value === right.value
    case 'name':
      return right.kind === 'name' && left.name === right.name
    case 'string':
      budget.work(left.bytes.length)
      return right.kind === 'string' && sameBytes(left.bytes, right.bytes)
    case 'reference':
      return right.kind === 'reference' && left.number === right.number && left.generation === right.generation
    case 'array':
      budget.work(left.items.length * VALUE)
      return (
        right.kind === 'array' &&
        left.items.length === right.items.length &&
        left.items.every((item, index) => sameValue(item, right.items[index]!, budget))
      )
    case 'dictionary':
      return right.kind === 'dictionary' && sameEntries(left, right, budget)
  }
}

function sameEntries(left: PdfDictionary, right: PdfDictionary, budget: Budget): boolean {
  budget.work(left.entries.size * VALUE)
  if (left.entries.size !== right.entries.size) return false
  for (const [key, value] of left.entries) {
    const other = right.entries.get(key)
    if (other === undefined || !sameValue(value, other, budget)) return false
  }
  return true
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}

/** Calls `visit` for every reference inside a value, but not under the keys left out. Counted as `sameValue` is. */
export function forEachReference(
  value: PdfValue,
  visit: (reference: PdfReference) => void,
  budget: Budget,
  leftOut?: ReadonlySet<string>,
): void {
  if (typeof value !== 'object' || value === null) return
  if (value.kind === 'reference') visit(value)
  else if (value.kind === 'array') {
    budget.work(value.items.length * VALUE)
    for (const item of value.items) forEachReference(item, visit, budget, leftOut)
  } else if (value.kind === 'dictionary') {
    budget.work(value.entries.size * VALUE)
    for (const [key, item] of value.entries) if (!leftOut?.has(key)) forEachReference(item, visit, budget, leftOut)
  }
}
