import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '../../platform/index.ts'
import type { CoSeal } from '../domain/co-seal.ts'
import { LicenceError } from '../errors.ts'
import { recordAudit } from '../store/register.ts'
import { listAssignments, putAssignment } from '../store/type-assignments.ts'
import type { Deps } from './deps.ts'

export interface NewAssignment {
  readonly typeCode: string
  readonly departmentCode: string
  readonly sealId: string
  /** Seals of a joint issue beside it, in their order; their departments must have given leave. */
  readonly coSeals?: readonly CoSeal[]
}

/**
 * Lets departments issue types with a seal each. What is so already is left as it is.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN
 */
export async function assignTypes(
  deps: Deps,
  caller: Pick<Principal, 'id' | 'kind' | 'departmentCode'>,
  assignments: readonly NewAssignment[],
): Promise<void> {
  for (const { typeCode } of assignments)
    if (deps.templates.entry(typeCode)?.state !== 'published')
      throw new LicenceError('LICENCE_TYPE_UNKNOWN', `there is no licence type ${typeCode}`)
  const grantedAt = deps.clock.now()
  await deps.database.transaction(async (tx) => {
    const present = await listAssignments(tx)
    const isPresent = (one: NewAssignment) =>
      present.some(
        (row) =>
          row.typeCode === one.typeCode &&
          row.departmentCode === one.departmentCode &&
          row.sealId === one.sealId &&
          isDeepStrictEqual(row.coSeals, one.coSeals ?? []) &&
          !row.endedAt,
      )
    const missing = assignments.filter((one) => !isPresent(one))
    for (const one of missing) await putAssignment(tx, { coSeals: [], ...one, grantedAt })
    if (missing.length === 0) return
    await recordAudit(
      tx,
      caller,
      grantedAt,
      missing.map((one) => ({ action: 'assign-type', identifier: null, detail: JSON.stringify(one) })),
    )
  })
}
