// What the trust list says of the departments' keys, in the words of licence-format.
import type { ServiceState, TrustedService } from '../../licence-format/index.ts'
import type { SealState, StatementKey } from './seal.ts'

/** A department's certificates with the states they have been in. */
export interface DepartmentKeys {
  readonly departmentCode: string
  readonly services: readonly TrustedService[]
}

/** A suspended seal may not seal, and what it sealed before stands: for a checker it is withdrawn until it is restored. */
const serviceStateOfSeal: Readonly<Record<Exclude<SealState, 'approved' | 'waiting'>, ServiceState>> = {
  active: 'granted',
  suspended: 'withdrawn',
  revoked: 'withdrawn',
}

export interface SealHistory {
  readonly departmentCode: string
  readonly certificate: Uint8Array
  /** Since when this certificate serves: what the seal was in before does not concern it. */
  readonly inUseFrom: Date
  readonly states: readonly { readonly state: SealState; readonly since: Date }[]
}

function toSealService(seal: SealHistory): TrustedService {
  const { certificate, inUseFrom } = seal
  const states = seal.states.flatMap(({ state, since }) =>
    state === 'approved' || state === 'waiting' ? [] : [{ state: serviceStateOfSeal[state], since }],
  )
  const begun = Math.max(
    0,
    states.findLastIndex(({ since }) => since <= inUseFrom),
  )
  const served = states
    .slice(begun)
    .map(({ state, since }) => ({ state, since: since < inUseFrom ? inUseFrom : since }))
  return { kind: 'seal', certificate, states: served }
}

/** A statement key that has come to its last day is retired, whether or not anyone has touched its row. */
function toStatementService(key: StatementKey, now: Date): TrustedService {
  const states: { state: ServiceState; since: Date }[] = [{ state: 'granted', since: key.signsFrom }]
  if (key.state !== 'active') states.push({ state: key.state, since: key.stateChangedAt })
  else if (now >= key.signsUntil) states.push({ state: 'retired', since: key.signsUntil })
  return { kind: 'statement', certificate: key.certificate, states }
}

/** Joins both kinds by department, in the order of the codes. */
export function joinByDepartment(
  seals: readonly SealHistory[],
  statementKeys: readonly StatementKey[],
  now: Date,
): DepartmentKeys[] {
  const codes = [...new Set([...seals, ...statementKeys].map(({ departmentCode }) => departmentCode))].sort()
  return codes.map((departmentCode) => ({
    departmentCode,
    services: [
      ...seals.filter((seal) => seal.departmentCode === departmentCode).map(toSealService),
      ...statementKeys
        .filter((key) => key.departmentCode === departmentCode)
        .map((key) => toStatementService(key, now)),
    ],
  }))
}
