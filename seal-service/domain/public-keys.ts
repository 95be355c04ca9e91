// What the trust list says of the departments' keys, in the words of licence-format.
import type { ServiceState, TrustedService } from '../../licence-format/index.ts'
import type { SealState, StatementKey } from './seal.ts'

/** A department's certificates with the states they have been in. */
export interface DepartmentKeys {
  readonly departmentCode: string
  readonly services: readonly TrustedService[]
}

export interface SealHistory {
  readonly departmentCode: string
  readonly certificate: Uint8Array
  /** Since when this certificate serves: what the seal was in before does not concern it. */
  readonly inUseFrom: Date
  readonly states: readonly { readonly state: SealState; readonly since: Date }[]
}

/** Before a keeper has accepted a seal there is nothing to tell of it. */
const unused: readonly SealState[] = ['applied', 'returned', 'approved', 'waiting', 'made', 'filed', 'issued']

/**
 * Only an active seal seals; what it sealed before it was suspended, lost or ended stands. A step that counts from an earlier time takes
 * back what was told of the time since.
 */
function toServiceStates(states: SealHistory['states']): TrustedService['states'] {
  const told: { state: ServiceState; since: Date }[] = []
  for (const { state, since } of states) {
    if (told.length === 0 && unused.includes(state)) continue
    while (told.length > 0 && told.at(-1)!.since > since) told.pop()
    const word: ServiceState = state === 'active' ? 'granted' : 'withdrawn'
    if (told.at(-1)?.state !== word) told.push({ state: word, since })
  }
  return told
}

function toSealService(seal: SealHistory): TrustedService | undefined {
  const { certificate, inUseFrom } = seal
  const states = toServiceStates(seal.states)
  if (states.length === 0) return undefined
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
      ...toldOnce(
        seals.filter((seal) => seal.departmentCode === departmentCode).flatMap((seal) => toSealService(seal) ?? []),
      ),
      ...statementKeys
        .filter((key) => key.departmentCode === departmentCode)
        .map((key) => toStatementService(key, now)),
    ],
  }))
}

/**
 * Generations of a seal may share the certificate of their SESeal, since a key is certified once: what is told of each is the same, and a
 * trust list names no certificate twice.
 */
function toldOnce(services: readonly TrustedService[]): TrustedService[] {
  return [
    ...new Map(services.map((service) => [Buffer.from(service.certificate).toString('base64'), service])).values(),
  ]
}
