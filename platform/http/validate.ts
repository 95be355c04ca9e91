import type { z } from 'zod'
import { type Fault, PlatformError } from '../errors.ts'

const escapePointer = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1')

/** JSON Pointer (RFC 6901) of a path into a value. */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapePointer(part)}`).join('')

function faultsOf(issue: z.core.$ZodIssue, root: string): Fault[] {
  const at = root + toPointer(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: `${at}/${escapePointer(key)}`,
      code: 'UNKNOWN_MEMBER',
      detail: 'not expected here',
    }))
  }
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return [{ pointer: at, code: isMissing ? 'MISSING' : issue.code.toUpperCase(), detail: issue.message }]
}

/**
 * A check of one part of a request: returns the typed value, or throws REQUEST_INVALID with every fault at once, each with its
 * JSON Pointer (below `root`, e.g. '/query'). Values are never repeated in the faults.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, root = ''): (value: unknown) => z.output<Schema> {
  return (value) => {
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const faults = result.error.issues.flatMap((issue) => faultsOf(issue, root))
    throw new PlatformError('REQUEST_INVALID', `${faults.length} fault(s) in the request`, { faults })
  }
}
