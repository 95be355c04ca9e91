// JSON Canonicalization Scheme, RFC 8785. JSON.stringify already writes numbers and strings as ECMAScript does.
import { LicenceFormatError } from './errors.ts'

const encoder = new TextEncoder()
const DEEPEST = 32

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/**
 * Canonical UTF-8 JSON of a value (RFC 8785): members sorted by UTF-16 code units, numbers by ECMAScript's rules, no white space.
 * Throws JSON_NOT_CANONICALISABLE for lone surrogates, numbers that are not finite, values JSON has no form for and too deep nesting.
 */
export function canonicalJson(value: unknown): Uint8Array {
  return encoder.encode(write(value, 0))
}

/** Whether a text is the canonical form of the value that `JSON.parse` made of it. */
export function isCanonicalText(text: string, value: unknown): boolean {
  // What the engine writes is canonical where members are in order and no lone surrogate is escaped.
  if (JSON.stringify(value) === text && !ESCAPED_SURROGATE.test(text) && isSorted(value, 0)) return true
  try {
    return write(value, 0) === text
  } catch (error) {
    if (error instanceof LicenceFormatError) return false
    throw error
  }
}

const ESCAPED_SURROGATE = /\\ud[89a-f]/

function isSorted(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === DEEPEST) return false
  if (Array.isArray(value)) return value.every((item) => isSorted(item, depth + 1))
  let before = ''
  for (const [name, item] of Object.entries(value)) {
    if (name < before || !isSorted(item, depth + 1)) return false
    before = name
  }
  return true
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value)
    case 'number':
      if (!Number.isFinite(value)) throw refuse('a number that is not finite')
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth === DEEPEST) throw refuse(`nesting deeper than ${DEEPEST}`)
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value as Record<string, unknown>, depth)
    default:
      throw refuse(`a value of type ${typeof value}`)
  }
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw refuse('a lone surrogate')
  return JSON.stringify(text)
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = '['
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + write(items[i], depth + 1)
  return `${text}]`
}

function writeObject(object: Record<string, unknown>, depth: number): string {
  const prototype = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) throw refuse('an object that is not plain')
  let text = '{'
  for (const name of Object.keys(object).sort()) {
    text += `${text.length === 1 ? '' : ','}${writeString(name)}:${write(object[name], depth + 1)}`
  }
  return `${text}}`
}

function refuse(what: string): LicenceFormatError {
  return new LicenceFormatError('JSON_NOT_CANONICALISABLE', `canonical JSON cannot hold ${what}`)
}
