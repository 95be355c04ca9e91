// Whose uses somebody may look at, and the row that every look leaves.
import type { Principal } from '../../../platform/index.ts'
import type { Dependencies, Workshop } from '../../dependencies.ts'
import type { Seal } from '../../domain/seal.ts'
import { SealError } from '../../errors.ts'
import { findSeal } from '../../store/seals.ts'
import { insertLedgerRead, type LedgerRead } from '../../store/use-records.ts'

/** What the reading of uses needs to know of people and departments. */
export type Library = Dependencies & Pick<Workshop, 'people' | 'departments'>

const PERMISSIONS = {
  uses: { own: ['seal-ledger:read'], below: ['audit:read'] },
  compromise: { own: ['seal-ledger:read'], below: ['audit:read', 'seals:review'] },
  reseal: { own: ['seal-ledger:read', 'seals:use'], below: ['audit:read', 'seals:review'] },
  'reseal-order': { own: [], below: ['seals:review'] },
  'reseal-work': { own: ['seals:use'], below: [] },
} as const satisfies Record<string, { own: readonly string[]; below: readonly string[] }>

/** Keepers read what is on record of their own department's seals; auditors, and reviewers where it is about a compromise, below it too. */
export type Subject = keyof typeof PERMISSIONS

/** The departments whose seals somebody may look at. Throws `SEAL_ROLE_MISSING`. */
export async function readableDepartments(
  { people, departments }: Library,
  principal: Principal,
  subject: Subject,
): Promise<readonly string[]> {
  const { own, below }: { own: readonly string[]; below: readonly string[] } = PERMISSIONS[subject]
  const may = (permission: string) => people.isPermitted(principal, permission)
  if (below.some(may)) return departments.codesWithin(principal.departmentCode)
  if (own.some(may)) return [principal.departmentCode]
  throw new SealError('SEAL_ROLE_MISSING', `expected one of the permissions ${[...own, ...below].join(', ')}`)
}

/** The seal, for somebody who may look at its uses. Throws `SEAL_ROLE_MISSING`, `SEAL_NOT_FOUND`, for seals of others too. */
export async function findReadableSeal(
  deps: Library,
  principal: Principal,
  sealId: string,
  subject: Subject,
): Promise<Seal> {
  const codes = await readableDepartments(deps, principal, subject)
  const seal = await findSeal(deps.database, sealId)
  if (seal !== undefined && codes.includes(seal.departmentCode)) return seal
  throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
}

/** Puts a look on record before anything is shown. */
export async function recordRead(
  { database, ids, clock }: Dependencies,
  principal: Principal,
  read: Pick<LedgerRead, 'kind' | 'sealId' | 'filter'>,
): Promise<void> {
  await insertLedgerRead(database, {
    ...read,
    readId: ids.uuid(),
    callerId: principal.id,
    callerDepartment: principal.departmentCode,
    at: clock.now(),
  })
}
