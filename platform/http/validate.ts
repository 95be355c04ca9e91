import type { z } from 'zod'
import type { Fault } from '../errors.ts'
import { escapePointer, MOST_FAULTS, refuse, toPointer } from '../unfit.ts'

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
