import { PlatformError } from '../errors.ts'
import { endOfString } from './duplicate-members.ts'
import { parseJson } from './read-body.ts'

/** Nothing that says who asks is as long. */
const LONGEST_MEMBER = 16 * 1024
/** A name that is looked for, with every character escaped. */
const LONGEST_NAME = 256

/**
 * Reads one member of a JSON object and passes over the others, whose values are never made: for what decides whether the rest is worth
 * reading at all. Undefined where there is none. That the rest is JSON is not known afterwards, nor that the member stands there once.
 * Throws REQUEST_BODY_NOT_JSON, REQUEST_INVALID.
 */
export function parseMember(bytes: Uint8Array, name: string): unknown {
  const text = decode(bytes)
  const place = findMember(text, name)
  if (place === undefined) return undefined
  if (place.end - place.start > LONGEST_MEMBER)
    throw new PlatformError('REQUEST_INVALID', `${name} has more than ${LONGEST_MEMBER} characters`)
  return parseJson(new TextEncoder().encode(text.slice(place.start, place.end)))
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new PlatformError('REQUEST_BODY_NOT_JSON', 'the body is not JSON in UTF-8')
  }
}

/** Where the value of the outermost object's first member of this name stands. */
function findMember(text: string, name: string): { readonly start: number; readonly end: number } | undefined {
  let depth = 0
  let expectsName = false
  let start = -1
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        if (++depth === 1) expectsName = text[at] === '{'
        break
      case '}':
      case ']':
        if (--depth > 0) break
        return start < 0 ? undefined : { start, end: at }
      case ',':
        if (depth !== 1) break
        if (start >= 0) return { start, end: at }
        expectsName = true
        break
      case '"': {
        const end = endOfString(text, at)
        if (depth === 1 && expectsName) {
          expectsName = false
          if (end - at <= LONGEST_NAME && isString(text.slice(at, end), name)) {
            const colon = text.indexOf(':', end)
            if (colon < 0) return undefined
            start = colon + 1
          }
        }
        at = end - 1
      }
    }
  }
  return undefined
}

function isString(token: string, value: string): boolean {
  try {
    return JSON.parse(token) === value
  } catch {
    return false
  }
}
