import { checkSettings, type SupervisionRule, type SupervisionSettings } from '../../domain/supervision.ts'
import { SealError } from '../../errors.ts'
import {
  listWarningActs,
  listWarnings,
  lockWarning,
  recordWarningAct,
  saveSettings,
  type Warning,
  type WarningAct,
  type WarningState,
} from '../../store/warnings.ts'
import { openSettings, type SuperviseDeps } from './supervise.ts'
import type { OutwardCaller } from './webhooks.ts'

export interface WarningQuery {
  readonly state?: WarningState
  readonly rule?: SupervisionRule
  readonly sealId?: string
  readonly before?: bigint
  readonly most: number
}

const isAuditor = ({ roles }: OutwardCaller): boolean => roles.includes('auditor')
const seesBelow = ({ roles }: OutwardCaller): boolean => roles.includes('auditor') || roles.includes('seal-reviewer')

async function codesOf({ departments }: SuperviseDeps, caller: OutwardCaller): Promise<readonly string[]> {
  return seesBelow(caller) ? departments.codesWithin(caller.departmentCode) : [caller.departmentCode]
}

/** Warnings in the caller's range with what was done about them, newest first. Those of the whole house are for auditors. */
export async function readWarnings(
  deps: SuperviseDeps,
  caller: OutwardCaller,
  query: WarningQuery,
): Promise<(Warning & { readonly acts: readonly WarningAct[] })[]> {
  const departmentCodes = await codesOf(deps, caller)
  const warnings = await listWarnings(deps.database, { ...query, departmentCodes, withHouse: isAuditor(caller) })
  const acts = await listWarningActs(
    deps.database,
    warnings.map(({ id }) => id),
  )
  return warnings.map((warning) => ({ ...warning, acts: acts.get(warning.id) ?? [] }))
}

/**
 * Acknowledges or closes a warning, with a reason. Throws `WARNING_NOT_FOUND`, `WARNING_OF_ONESELF` (whose own act it is about leaves it
 * to others), `WARNING_CLOSED`; to acknowledge twice changes nothing.
 */
export async function handleWarning(
  deps: SuperviseDeps,
  caller: OutwardCaller,
  id: bigint,
  act: Pick<WarningAct, 'action' | 'reason'>,
): Promise<void> {
  const codes = await codesOf(deps, caller)
  await deps.database.transaction(async (tx) => {
    const warning = await lockWarning(tx, id)
    const isSeen = warning?.departmentCode === null ? isAuditor(caller) : codes.includes(warning?.departmentCode ?? '')
    if (warning === undefined || !isSeen) throw new SealError('WARNING_NOT_FOUND', `there is no warning ${id}`)
    if (warning.facts['callerId'] === caller.id || warning.facts['keeperId'] === caller.id)
      throw new SealError('WARNING_OF_ONESELF', 'this warning is about what you did: somebody else handles it')
    if (warning.state === 'closed') throw new SealError('WARNING_CLOSED', `warning ${id} is closed`)
    if (warning.state === 'acknowledged' && act.action === 'acknowledge') return
    await recordWarningAct(tx, id, { ...act, callerId: caller.id, at: deps.clock.now() })
  })
}

/** The settings of a department in the caller's range. Throws `SEAL_NOT_YOURS`. */
export async function readSupervision(
  deps: SuperviseDeps,
  caller: OutwardCaller,
  departmentCode: string,
): Promise<SupervisionSettings> {
  await checkRange(deps, caller, departmentCode)
  return (await openSettings(deps))(departmentCode)
}

/** Sets them, within limits. Throws `SUPERVISION_SETTING_REFUSED`, `SEAL_NOT_YOURS`. */
export async function setSupervision(
  deps: SuperviseDeps,
  caller: OutwardCaller,
  departmentCode: string,
  changed: Partial<SupervisionSettings>,
): Promise<SupervisionSettings> {
  const before = await readSupervision(deps, caller, departmentCode)
  const settings = checkSettings({ ...before, ...changed })
  await saveSettings(deps.database, departmentCode, settings, caller.id, deps.clock.now())
  return settings
}

async function checkRange({ departments }: SuperviseDeps, caller: OutwardCaller, departmentCode: string) {
  if (await departments.isWithin(caller.departmentCode, departmentCode)) return
  throw new SealError('SEAL_NOT_YOURS', 'this department is not in your range')
}
