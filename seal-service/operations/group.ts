// What sealing and stating in groups have in common.
import type { Fault } from '../../platform/index.ts'
import { SealError } from '../errors.ts'

/** Requests of one call; larger groups are cut by the caller. */
const mostInGroup = 200

/** Refuses a group that is too large. */
export function checkGroupSize(requests: readonly unknown[]): void {
  if (requests.length > mostInGroup) {
    throw new SealError(
      'SEAL_GROUP_TOO_LARGE',
      `a group has at most ${mostInGroup} requests, this one ${requests.length}`,
    )
  }
}

/**
 * Decides every request of a group and refuses the whole group when one is refused: with the first one's code, and
 * all refusals as faults. Nothing has been recorded or signed by then.
 */
export function decideAll<Request, Decision>(
  requests: readonly Request[],
  decide: (request: Request) => Decision,
): Decision[] {
  const decisions: Decision[] = []
  const refusals: { readonly refusal: SealError; readonly fault: Fault }[] = []
  requests.forEach((request, index) => {
    try {
      decisions.push(decide(request))
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      refusals.push({ refusal: error, fault: { pointer: `/${index}`, code: error.code, detail: error.message } })
    }
  })
  const first = refusals[0]
  if (first === undefined) return decisions
  throw new SealError(first.refusal.code, first.refusal.message, {
    cause: first.refusal,
    faults: refusals.map(({ fault }) => fault),
  })
}

/** Keeps the first of those with the same key. */
export function uniqueBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value> {
  const unique = new Map<string, Value>()
  for (const value of values) if (!unique.has(keyOf(value))) unique.set(keyOf(value), value)
  return unique
}
