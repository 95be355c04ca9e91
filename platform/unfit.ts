// What no later room can hold, wherever JSON comes from: bodies of requests, and JSON that stands within other texts.
import { type Fault, PlatformError } from './errors.ts'

/** Less than canonical JSON (RFC 8785) of a request's data may have. */
const MAX_DEPTH = 30
/** Many times what the longest table of a licence has. */
const MAX_VALUES = 20_000
/** Whoever is told so many faults has enough to mend, and nobody makes an answer of megabytes out of a small request. */
export const MOST_FAULTS = 100
/** No member of ours has a name as long; one made up by the sender would stand in every fault below it. */
const LONGEST_STEP = 100

export function escapePointer(part: PropertyKey): string {
  const name = String(part)
  const shown = name.length > LONGEST_STEP ? `${name.slice(0, LONGEST_STEP).toWellFormed()}…` : name
  return shown.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** JSON Pointer (RFC 6901) of a path into a value. Names of more than 100 characters are cut, with an ellipsis behind. */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapePointer(part)}`).join('')

/**
 * Refuses what no later room can hold: text with NUL or half a surrogate pair (PostgreSQL stores neither), numbers beyond a double, a
 * member named `__proto__`, nesting without end, and so many values that looking at each would be work for nothing. Ends at a hundred
 * faults.
 */
export function refuseUnfit(value: unknown, root: readonly PropertyKey[] = []): void {
  const faults: Fault[] = []
  const path = [...root]
  const report = (code: string, detail: string): void => {
    if (faults.push({ pointer: toPointer(path), code, detail }) >= MOST_FAULTS) refuse(faults)
  }
  const refuseMany = (): never => {
    throw new PlatformError('REQUEST_INVALID', `more than ${MAX_VALUES} values`)
  }
  let values = 0
  const check = (current: unknown): void => {
    if (++values > MAX_VALUES) refuseMany()
    if (typeof current === 'string' && !isText(current)) report('TEXT_NOT_UNICODE', notUnicode)
    if (typeof current === 'number' && !Number.isFinite(current)) report('NUMBER_OUT_OF_RANGE', 'too large a number')
    if (typeof current !== 'object' || current === null) return
    if (path.length >= MAX_DEPTH) throw new PlatformError('REQUEST_INVALID', `nested deeper than ${MAX_DEPTH} levels`)
    // Counted before they are listed: pairs of millions of members would fill the heap.
    if ((Array.isArray(current) ? current : Object.keys(current)).length > MAX_VALUES) refuseMany()
    for (const [member, inner] of Object.entries(current)) {
      path.push(member)
      if (!isText(member)) report('TEXT_NOT_UNICODE', notUnicode)
      if (member === '__proto__') report('UNKNOWN_MEMBER', 'not expected here')
      check(inner)
      path.pop()
    }
  }
  check(value)
  if (faults.length > 0) refuse(faults)
}

const notUnicode = 'NUL and unpaired surrogates are not text'

/** Whether a text can be stored: half a surrogate pair and NUL are no text, and PostgreSQL keeps neither. */
export const isText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** Throws REQUEST_INVALID with these faults. */
export function refuse(faults: readonly Fault[]): never {
  throw new PlatformError('REQUEST_INVALID', `${faults.length} fault(s) in the request`, { faults })
}
