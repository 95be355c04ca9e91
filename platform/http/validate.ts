import type { z } from 'zod'
import { type Fault, PlatformError } from '../errors.ts'

/** Whoever is told so many faults has enough to mend, and nobody makes an answer of megabytes out of a small request. */
export const MOST_FAULTS = 100
/** No member of ours has a name as long; one made up by the sender would stand in every fault below it. */
const LONGEST_STEP = 100

function escapePointer(part: PropertyKey): string {
  const name = String(part)
  const shown = name.length > LONGEST_STEP ? `${name.slice(0, LONGEST_STEP).toWellFormed()}…` : name
  return shown.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** JSON Pointer (RFC 6901) of a path into a value. Names of more than 100 characters are cut, with an ellipsis behind. */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapePointer(part)}`).join('')

function faultsOf(issue: z.core.$ZodIssue, root: string): Fault[] {
  const at = root + toPointer(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MOST_FAULTS).map((key) => ({
      pointer: `${at}/${escapePointer(key)}`,
      code: 'UNKNOWN_MEMBER',
      detail: 'not expected here',
    }))
  }
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return [{ pointer: at, code: isMissing ? 'MISSING' : issue.code.toUpperCase(), detail: issue.message }]
}

/**
 * A check of one part of a request: returns the typed value, or throws REQUEST_INVALID with all faults at once, a hundred at most, each
 * with its JSON Pointer (below `root`, e.g. '/query'). Values are never repeated in the faults.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, root = ''): (value: unknown) => z.output<Schema> {
  return (value) => {
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const issues = result.error.issues.slice(0, MOST_FAULTS)
    refuse(issues.flatMap((issue) => faultsOf(issue, root)).slice(0, MOST_FAULTS))
  }
}

/** Throws REQUEST_INVALID with these faults. */
export function refuse(faults: readonly Fault[]): never {
  throw new PlatformError('REQUEST_INVALID', `${faults.length} fault(s) in the request`, { faults })
}
