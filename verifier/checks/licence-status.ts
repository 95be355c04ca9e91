// Is the licence in force, now or at a day of the past: by its own days, by the signed status list, by the register's live answer?
import {
  copyStatusAt,
  dayOf,
  getStatus,
  LIST_VALUE,
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
import { CLOCK_TOLERANCE_MS, requires } from '../policy.ts'
import { instantForPeople } from '../question.ts'
import type { CopyReport, Finding, Text } from '../report.ts'
import type { Trust } from '../trust.ts'
import { explainCopy } from './copy.ts'

export interface StatusAnswer {
  readonly status: LicenceStatus
  readonly asOf: Date | null
  readonly replacedBy: string | null
  readonly findings: readonly Finding[]
}

/** What somebody said, before the days of validity are weighed. */
interface Said {
  readonly state: RegisterState | 'pending' | 'not understood' | 'not there'
  readonly asOf: Date
  readonly replacedBy: string | null
  readonly findings: readonly Finding[]
}

interface Validity {
  readonly validFrom: string
  readonly validUntil: string | null
}

/** The status at an instant by what somebody said: of a copy by its own last moment too. */
const statusAt = (state: RegisterState, validity: Validity, copy: CopyReport | null, at: Date): LicenceStatus =>
  copy
    ? copyStatusAt(state, { ...validity, expiresAt: new Date(copy.expiresAt) }, at)
    : statusOn(state, validity, dayOf(at))

/**
 * `copy`: what is known of a copy, else null; `claims`: of a genuine statement, else null; `live`: the register's answer about this licence, else null; `inForceAt`: the instant that
 * is asked about, left out: the validation time.
 */
export async function checkLicenceStatus(
  validity: Validity,
  copy: CopyReport | null,
  claims: StatementClaims | null,
  issuer: TrustedEntity | null,
  live: LiveStatus | null,
  trust: Trust,
  inForceAt: Date = trust.at,
): Promise<StatusAnswer> {
  const then = inForceAt === trust.at ? null : instantForPeople(inForceAt)
  const byDays = statusAt('in force', validity, copy, inForceAt)
  const explained = (status: LicenceStatus, successor: string | null) =>
    (copy && explainCopy(copy, status, inForceAt, then)) ?? explain(status, successor, then)
  if (!requires(trust.policy, 'status')) {
    const status = byDays === 'in force' ? 'unknown' : byDays
    return { status, asOf: null, replacedBy: null, findings: [finding('licence-status', 'info', 'STATUS_NOT_ASKED')] }
  }
  if (inForceAt.getTime() > trust.at.getTime() + CLOCK_TOLERANCE_MS) {
    const answer = byDaysAlone(byDays, finding('licence-status', 'undecided', 'STATUS_OF_FUTURE'), explained)
    return { status: answer.status, asOf: null, replacedBy: null, findings: answer.findings }
  }
  const listed =
    claims && issuer
      ? await askList(claims, issuer, trust)
      : finding('licence-status', 'undecided', 'STATUS_LIST_MISSING')
  const { said, missing, notes } = weigh(askRegister(live, trust.at, inForceAt), listed, trust.at, inForceAt)
  if (!said) {
    const answer = byDaysAlone(byDays, missing, explained)
    return { status: answer.status, asOf: null, replacedBy: null, findings: [...answer.findings, ...notes] }
  }
  const { asOf, replacedBy } = said
  const told = [...said.findings, ...notes]
  if (said.state === 'pending' || said.state === 'not there') {
    const code = said.state === 'pending' ? 'STATUS_PENDING' : 'STATUS_NOT_YET_ISSUED'
    return { status: 'unknown', asOf, replacedBy: null, findings: [finding('licence-status', 'failed', code), ...told] }
  }
  if (said.state === 'not understood') {
    const findings = [finding('licence-status', 'undecided', 'STATUS_VALUE_UNKNOWN'), ...notes]
    return { status: 'unknown', asOf, replacedBy: null, findings }
  }
  const status = statusAt(said.state, validity, copy, inForceAt)
  return { status, asOf, replacedBy, findings: [explained(status, replacedBy), ...told] }
}

interface Weighed {
  readonly said: Said | null
  /** Why nobody could say. */
  readonly missing: Finding
  readonly notes: readonly Finding[]
}

/**
 * The newest answer counts, with one exception: what a signed list says to have ended for good does not come back by an answer that
 * nobody signed. A list speaks of the time at which it was made, so about a day of the past the register's history alone can tell.
 */
function weigh(register: Register, listed: Said | Finding, at: Date, inForceAt: Date): Weighed {
  const isAboutPast = inForceAt.getTime() < at.getTime() - CLOCK_TOLERANCE_MS
  const fromList = 'code' in listed ? null : listed
  const { live } = register
  if (isAboutPast) {
    const missing = finding('licence-status', 'undecided', 'STATUS_HISTORY_MISSING')
    const since = live ? noteEnd(register.now, live) : []
    return { said: live, missing, notes: [...register.notes, ...since] }
  }
  const missing = 'code' in listed ? listed : finding('licence-status', 'undecided', 'STATUS_LIST_MISSING')
  if (!live || !fromList) return { said: live ?? fromList, missing, notes: register.notes }
  if (listValueOf(live) === listValueOf(fromList)) {
    const said = live.asOf >= fromList.asOf ? live : { ...fromList, state: live.state, replacedBy: live.replacedBy }
    return { said, missing, notes: register.notes }
  }
  const listCounts = fromList.asOf > live.asOf || ENDED.has(fromList.state)
  const words = { list: wordOf(fromList), register: wordOf(live) }
  const notes = [...register.notes, finding('licence-status', 'info', 'STATUS_SOURCES_DIFFER', words)]
  const said = listCounts ? { ...fromList, replacedBy: live.replacedBy } : live
  return { said, missing, notes }
}

/** States that no licence leaves again. */
const ENDED: ReadonlySet<string> = new Set<RegisterState>([
  'revoked',
  'withdrawn',
  'cancelled',
  'transferred',
  'superseded',
])

function listValueOf({ state }: Said): number | string | null {
  if (state === 'pending') return LIST_VALUE.pending
  return state === 'not understood' || state === 'not there' ? state : statusWord(state).listValue
}

function wordOf({ state }: Said): Text {
  const known = state === 'not understood' || state === 'not there' || state === 'pending' ? 'unknown' : state
  const { zh, en } = statusWord(known)
  return { zh, en }
}

/** Past its last day a licence has expired, whatever else nobody could say. */
function byDaysAlone(
  byDays: LicenceStatus,
  missing: Finding,
  explained: (status: LicenceStatus, successor: string | null) => Finding,
): { status: LicenceStatus; findings: Finding[] } {
  if (byDays === 'in force') return { status: 'unknown', findings: [missing] }
  return { status: byDays, findings: [explained(byDays, null), { ...missing, outcome: 'info' }] }
}

/** `then`: the instant that was asked about, null for now. */
function explain(status: LicenceStatus, successor: string | null, then: Text | null): Finding {
  if (status === 'in force') return finding('licence-status', 'passed', 'STATUS_IN_FORCE', { then })
  if (status === 'superseded') return finding('licence-status', 'failed', 'STATUS_SUPERSEDED', { successor, then })
  const { zh, en } = statusWord(status)
  return finding('licence-status', 'failed', 'STATUS_NOT_IN_FORCE', { word: { zh, en }, then })
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

/** The register's answer, made fit for the instant that is asked about. */
interface Register {
  /** What it says of that instant; null where it says nothing. */
  readonly live: Said | null
  /** What it says of the time at which it answered. */
  readonly now: Said | null
  readonly notes: readonly Finding[]
}

/** An answer that somebody kept for longer than a status list lives is no longer an answer about now. */
const LIVE_LIFETIME_MS = 24 * 3_600_000

function askRegister(live: LiveStatus | null, at: Date, inForceAt: Date): Register {
  const now = live && readAnswer(live)
  if (!live || !now) return { live: null, now: null, notes: [] }
  const past = readHistory(live)
  if (past && inForceAt < now.asOf) return { live: stateThen(past, now, inForceAt), now, notes: [] }
  const isOld = now.asOf.getTime() < inForceAt.getTime() - LIVE_LIFETIME_MS
  if (isOld) return { live: null, now, notes: [finding('licence-status', 'info', 'STATUS_ANSWER_OLD')] }
  const isFromLater = now.asOf.getTime() > inForceAt.getTime() + CLOCK_TOLERANCE_MS
  if (!isFromLater) return { live: now, now, notes: [] }
  // Without its history an answer about today says nothing of the day that is asked about. Neither does one from after the validation.
  const isAhead = now.asOf.getTime() > at.getTime() + CLOCK_TOLERANCE_MS
  return { live: null, now, notes: isAhead ? [finding('licence-status', 'info', 'STATUS_ANSWER_FROM_LATER')] : [] }
}

function readAnswer(live: LiveStatus): Said | null {
  const asOf = new Date(live.asOf)
  if (Number.isNaN(asOf.getTime()) || live.status === 'unknown') return null
  return { state: stateOf(live.status), asOf, replacedBy: live.replacedBy ?? null, findings: [] }
}

function stateOf(status: LicenceStatus): Said['state'] {
  if (RECORDED.has(status)) return status as RegisterState
  return BY_DAYS.has(status) ? 'in force' : 'not understood'
}

interface Past {
  readonly state: Said['state']
  readonly from: Date
}

/** Null where there is none, or none that can be relied on: its times must be times, and rise. */
function readHistory({ history }: LiveStatus): Past[] | null {
  if (!history || history.length === 0) return null
  const past = history.map(({ status, from }) => ({ state: stateOf(status), from: new Date(from) }))
  const rises = past.every(({ from }, i) => from.getTime() >= (past[i - 1]?.from.getTime() ?? Number.NEGATIVE_INFINITY))
  return rises ? past : null
}

function stateThen(past: readonly Past[], now: Said, inForceAt: Date): Said {
  const then = past.findLast(({ from }) => from <= inForceAt)
  if (!then) return { state: 'not there', asOf: inForceAt, replacedBy: null, findings: [] }
  const replacedBy = then.state === 'superseded' ? now.replacedBy : null
  return { state: then.state, asOf: inForceAt, replacedBy, findings: [] }
}

/** Whoever asks about a past day is told what became of the licence since. */
function noteEnd(now: Said | null, then: Said): Finding[] {
  if (!now || now.state === then.state) return []
  return [finding('licence-status', 'info', 'STATUS_CHANGED_SINCE', { word: wordOf(now) })]
}

async function askList(claims: StatementClaims, issuer: TrustedEntity, trust: Trust): Promise<Said | Finding> {
  const address = statusListAddress(issuer, claims.statusList)
  const list =
    address === undefined || issuer.code === null
      ? finding('licence-status', 'undecided', 'STATUS_LIST_MISSING')
      : await trust.statusList(address, issuer.code)
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
