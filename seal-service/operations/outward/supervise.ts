import { dayOf } from '../../../licence-format/index.ts'
import type { Clock, Database, Log } from '../../../platform/index.ts'
import { LINKED_WITHIN_MS } from '../../domain/ledger.ts'
import {
  certificatesEnding,
  defaultSettings,
  type Finding,
  filingsOverdue,
  type KeptSeal,
  keepersMissing,
  ledgerUnlinked,
  overdueReviews,
  quotasNear,
  refusalFindings,
  type SettingsOf,
  type SupervisionRule,
  settingLimits,
  supervisionRules,
  usesOutsideHours,
} from '../../domain/supervision.ts'
import type { Departments } from '../../ports/departments.ts'
import type { People } from '../../ports/people.ts'
import {
  countQuotas,
  countRefusals,
  countUses,
  findUnlinked,
  listEnding,
  listKept,
  listOpenFilings,
  listWaitingReviews,
  readRun,
  recordRun,
} from '../../store/supervision.ts'
import {
  listStanding,
  lockWarning,
  raiseWarnings,
  readSettings,
  recordWarningAct,
  type Warning,
} from '../../store/warnings.ts'

export interface SuperviseDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log?: Log
  readonly departments: Departments
  /** Who may keep seals; left out: whoever keeps one is taken to be there. */
  readonly people?: Pick<People, 'isUnknown' | 'keepersOf'>
}

const SUPERVISOR = 'system:supervision'
const DAY_MS = 86_400_000
/** Uses are looked at once more for so long: a transaction may commit a little after its time. */
const OVERLAP_MS = 300_000
const standing = (Object.keys(supervisionRules) as SupervisionRule[]).filter((rule) => supervisionRules[rule].stands)

/**
 * One round of the supervision: raises what is found, each occasion once for ever, and closes what stood and is no longer so. Safe in
 * several processes at once. Returns how many warnings were raised and closed.
 */
export async function supervise(deps: SuperviseDeps): Promise<{ readonly raised: number; readonly closed: number }> {
  const { database, clock, log } = deps
  const at = clock.now()
  const settingsOf = await openSettings(deps)
  const usesFrom = await usesSince(deps, at)
  const findings = await findAll(deps, settingsOf, usesFrom, at)
  const open = await listStanding(database, standing)
  const closed = await closeCleared(deps, open, findings, at)
  // A house has one warning of a kind at a time: the oldest row that waits is another one each second.
  const fresh = findings.filter(
    ({ rule, departmentCode }) => departmentCode !== null || !open.some((one) => one.rule === rule),
  )
  const raised = await raiseWarnings(database, fresh, at)
  await recordRun(database, at)
  if (raised > 0) log?.warn('the supervision raised warnings', { raised })
  return { raised, closed }
}

/** What departments chose, over what holds where they chose nothing. */
export async function openSettings({ database }: SuperviseDeps): Promise<SettingsOf> {
  const chosen = await readSettings(database)
  return (departmentCode) => ({ ...defaultSettings, ...chosen.get(departmentCode) })
}

async function usesSince({ database }: SuperviseDeps, at: Date): Promise<Date> {
  const until = await readRun(database)
  const from = until === undefined ? at.getTime() - DAY_MS : until.getTime() - OVERLAP_MS
  return new Date(from)
}

async function findAll(deps: SuperviseDeps, settingsOf: SettingsOf, usesFrom: Date, at: Date): Promise<Finding[]> {
  const { database } = deps
  const longestMs = settingLimits.certificateDays[1] * DAY_MS
  const yesterday = new Date(at.getTime() - DAY_MS)
  const kept = await listKept(database)
  const isThere = await knowKeepers(deps, kept)
  return [
    ...overdueReviews(await listWaitingReviews(database), settingsOf, at),
    ...usesOutsideHours(await countUses(database, usesFrom, at), settingsOf),
    ...quotasNear(await countQuotas(database, dayOf(at)), settingsOf),
    ...refusalFindings(await countRefusals(database, [dayOf(yesterday), dayOf(at)]), settingsOf),
    ...keepersMissing(kept, isThere),
    ...certificatesEnding(await listEnding(database, new Date(at.getTime() + longestMs)), settingsOf, at),
    ...filingsOverdue(await listOpenFilings(database), settingsOf, at),
    ...ledgerUnlinked(await findUnlinked(database), LINKED_WITHIN_MS),
  ]
}

/** Whether a keeper may still keep; the operator's own seals are kept by the system. */
async function knowKeepers({ people }: SuperviseDeps, kept: readonly KeptSeal[]): Promise<(seal: KeptSeal) => boolean> {
  if (people === undefined || people.isUnknown) return ({ keeperId }) => keeperId !== null
  const keepers = new Map<string, ReadonlySet<string>>()
  for (const code of new Set(kept.map(({ departmentCode }) => departmentCode)))
    keepers.set(code, new Set((await people.keepersOf(code)).map(({ id }) => id)))
  return ({ departmentCode, keeperId }) =>
    keeperId !== null && (keeperId.startsWith('system:') || keepers.get(departmentCode)!.has(keeperId))
}

async function closeCleared(
  { database }: SuperviseDeps,
  open: readonly Warning[],
  findings: readonly Finding[],
  at: Date,
): Promise<number> {
  const isStill = (warning: Warning) =>
    findings.some(
      ({ rule, occasion }) =>
        rule === warning.rule && (warning.departmentCode === null || occasion === warning.occasion),
    )
  const cleared = open.filter((warning) => !isStill(warning))
  for (const { id } of cleared) {
    await database.transaction(async (tx) => {
      const now = await lockWarning(tx, id)
      if (now === undefined || now.state === 'closed') return
      await recordWarningAct(tx, id, { action: 'close', reason: 'it is no longer so', callerId: SUPERVISOR, at })
    })
  }
  return cleared.length
}
