// Further licence types for a seal in use: asked for by its owner, given by a reviewer.
import { MOST_TYPES } from '../../domain/seal-application.ts'
import { SealError } from '../../errors.ts'
import { recordTypeCodes } from '../../store/seals.ts'
import type { EventDraft, Held } from './act.ts'
import type { RequestFor } from './act-request.ts'

/** Throws `SEAL_STEP_INVALID` where none of the types is new, or they become too many. */
export function orderTypes({ typeCodes, reason, legalBasis }: RequestFor<'order-types'>, { seal }: Held): EventDraft {
  const further = [...new Set(typeCodes)].filter((code) => !seal.typeCodes.includes(code)).sort()
  const refuse = (code: string, detail: string) => {
    const faults = [{ pointer: '/typeCodes', code, detail }]
    return new SealError('SEAL_STEP_INVALID', 'further types are new ones, and a seal stands on so many', { faults })
  }
  if (further.length === 0) throw refuse('MISSING', 'expected a type that the seal does not stand on yet')
  if (further.length + seal.typeCodes.length > MOST_TYPES) throw refuse('TOO_MANY', `at most ${MOST_TYPES}`)
  return { reason, detail: { typeCodes: further, ...(legalBasis !== undefined && { legalBasis }) } }
}

/** What was read is what is given, in the transaction of its event. Throws `SEAL_APPLICATION_CHANGED`. */
export async function changeTypes(
  { typeCodes, reason }: RequestFor<'change-types'>,
  { tx, seal, facts }: Held,
): Promise<EventDraft> {
  const added = facts.typesOrder?.typeCodes ?? []
  if ([...new Set(typeCodes)].sort().join() !== [...added].sort().join())
    throw new SealError('SEAL_APPLICATION_CHANGED', 'other types were asked for than those that were read: read again')
  const all = [...new Set([...seal.typeCodes, ...added])].sort()
  await recordTypeCodes(tx, seal.id, all)
  return { reason: reason ?? null, detail: { typeCodes: all, added, orderedBy: facts.typesOrder?.by } }
}
