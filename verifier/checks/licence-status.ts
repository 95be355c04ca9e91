// Is the licence in force: by its own days, by the signed status list, by the register's live answer? The newest answer counts.
import {
  dayOf,
  getStatus,
  LicenceFormatError,
  type LicenceStatus,
  type RegisterState,
  type StatementClaims,
  statusListAddress,
  statusOfListValue,
  statusOn,
  statusWord,
  type TrustedEntity,
} from '../../licence-format/index.ts'
import type { LiveStatus } from '../evidence.ts'
import { finding } from '../messages.ts'
import { requires } from '../policy.ts'
import type { Finding } from '../report.ts'
import type { Trust } from '../trust.ts'

export interface StatusAnswer {
  readonly status: LicenceStatus
  readonly asOf: Date | null
  readonly replacedBy: string | null
  readonly findings: readonly Finding[]
}

/** What somebody said, before the days of validity are weighed. */
interface Said {
  readonly state: RegisterState | 'pending' | 'not understood'
  readonly asOf: Date
  readonly replacedBy: string | null
  readonly findings: readonly Finding[]
}

interface Validity {
  readonly validFrom: string
  readonly validUntil: string | null
}

/** `claims`: of a genuine statement, else null; `live`: the register's answer about this licence, else null. */
export async function checkLicenceStatus(
  validity: Validity,
  claims: StatementClaims | null,
  issuer: TrustedEntity | null,
  live: LiveStatus | null,
  trust: Trust,
): Promise<StatusAnswer> {
  const today = dayOf(trust.at)
  const byDays = statusOn('in force', validity, today)
  if (!requires(trust.policy, 'status')) {
    const status = byDays === 'in force' ? 'unknown' : byDays
    return { status, asOf: null, replacedBy: null, findings: [finding('licence-status', 'info', 'STATUS_NOT_ASKED')] }
  }
  const listed =
    claims && issuer
      ? await askList(claims, issuer, trust)
      : finding('licence-status', 'undecided', 'STATUS_LIST_MISSING')
  const said = newest(live && fromLive(live), 'code' in listed ? null : listed)
  if (!said) return { ...byDaysAlone(byDays, listed as Finding), asOf: null, replacedBy: null }
  if (said.state === 'pending') {
    const findings = [finding('licence-status', 'failed', 'STATUS_PENDING'), ...said.findings]
    return { status: 'unknown', asOf: said.asOf, replacedBy: null, findings }
  }
  if (said.state === 'not understood') {
    const findings = [finding('licence-status', 'undecided', 'STATUS_VALUE_UNKNOWN')]
    return { status: 'unknown', asOf: said.asOf, replacedBy: null, findings }
  }
  const status = statusOn(said.state, validity, today)
  return {
    status,
    asOf: said.asOf,
    replacedBy: said.replacedBy,
    findings: [explain(status, said.replacedBy), ...said.findings],
  }
}

/** Past its last day a licence has expired, whatever else nobody could say. */
function byDaysAlone(byDays: LicenceStatus, missing: Finding): { status: LicenceStatus; findings: Finding[] } {
  if (byDays === 'in force') return { status: 'unknown', findings: [missing] }
  return { status: byDays, findings: [explain(byDays, null), { ...missing, outcome: 'info' }] }
}

function explain(status: LicenceStatus, successor: string | null): Finding {
  if (status === 'in force') return finding('licence-status', 'passed', 'STATUS_IN_FORCE')
  if (status === 'superseded') return finding('licence-status', 'failed', 'STATUS_SUPERSEDED', { successor })
  const { zh, en } = statusWord(status)
  return finding('licence-status', 'failed', 'STATUS_NOT_IN_FORCE', { word: { zh, en } })
}

function newest(live: Said | null, listed: Said | null): Said | null {
  if (!live || !listed) return live ?? listed
  return live.asOf >= listed.asOf ? live : listed
}

const RECORDED: ReadonlySet<string> = new Set<RegisterState>([
  'in force',
  'suspended',
  'revoked',
  'withdrawn',
  'cancelled',
  'transferred',
  'superseded',
])

/** The register's answer tells what the days do too; here they are weighed anew. */
const BY_DAYS: ReadonlySet<string> = new Set<LicenceStatus>(['not yet in force', 'expired'])

function fromLive(live: LiveStatus): Said | null {
  const asOf = new Date(live.asOf)
  if (Number.isNaN(asOf.getTime()) || live.status === 'unknown') return null
  const otherwise = BY_DAYS.has(live.status) ? 'in force' : 'not understood'
  const state = RECORDED.has(live.status) ? (live.status as RegisterState) : otherwise
  return { state, asOf, replacedBy: live.replacedBy ?? null, findings: [] }
}

async function askList(claims: StatementClaims, issuer: TrustedEntity, trust: Trust): Promise<Said | Finding> {
  const address = statusListAddress(issuer, claims.statusList)
  const list =
    address === undefined
      ? finding('licence-status', 'undecided', 'STATUS_LIST_MISSING')
      : await trust.statusList(address)
  if ('code' in list) return list
  if (list.issuedAt < claims.issuedAt) return finding('licence-status', 'undecided', 'STATUS_LIST_OLDER')
  const state = readPlace(list.list, claims.statusPlace)
  if (state === undefined) return finding('licence-status', 'undecided', 'STATUS_VALUE_UNKNOWN')
  const age = trust.at.getTime() - list.issuedAt.getTime()
  const isAged = list.ttlSeconds !== null && age > list.ttlSeconds * 1000 && age >= 3_600_000
  const findings = isAged
    ? [finding('licence-status', 'info', 'STATUS_LIST_AGED', { hours: Math.round(age / 3_600_000) })]
    : []
  return { state, asOf: list.issuedAt, replacedBy: null, findings }
}

function readPlace(list: Parameters<typeof getStatus>[0], place: number): Said['state'] | undefined {
  try {
    return statusOfListValue(getStatus(list, place))
  } catch (error) {
    if (error instanceof LicenceFormatError) return undefined
    throw error
  }
}
