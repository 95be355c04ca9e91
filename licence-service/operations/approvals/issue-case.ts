import type { Principal } from '../../../platform/index.ts'
import { ownKey } from '../../domain/own-key.ts'
import { LicenceError } from '../../errors.ts'
import {
  answerCase,
  beginIssuing,
  type CaseName,
  type CaseRow,
  failAttempt,
  findCase,
  listBeingIssued,
  lockCase,
} from '../../store/cases.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import type { IssueOutcome } from '../issue-outcome.ts'
import type { Within } from '../part.ts'
import { boxOf } from './case-box.ts'
import type { CaseSubmission } from './submit-case.ts'

/**
 * Makes the licence of a case, once: however often and by whomever it is asked, one key stands for the case until its attempt was refused
 * for good. A case that has its licence is answered with it.
 * @throws LicenceError CASE_NOT_FOUND, CASE_ANSWERED; whatever stopped the issuance
 */
export async function issueCase(
  deps: Deps,
  within: Pick<Within, 'issue'>,
  caller: Principal,
  name: CaseName,
): Promise<CaseRow> {
  const row = await deps.database.transaction(async (tx) => {
    const held = await holdCase(tx, name)
    if (held.state === 'refused') throw new LicenceError('CASE_ANSWERED', 'the case was refused')
    if (held.state === 'issued' || held.issuingBy) return held
    const { id, kind, departmentCode, roles } = caller
    const by = { id, kind, departmentCode, roles }
    await beginIssuing(tx, name, by, deps.clock.now())
    return { ...held, issuingBy: by }
  })
  return row.state === 'issued' ? row : carryThrough(deps, within, row)
}

async function holdCase(tx: Parameters<typeof lockCase>[0], name: CaseName): Promise<CaseRow> {
  const held = await lockCase(tx, name)
  if (!held) throw new LicenceError('CASE_NOT_FOUND', 'the department has no such case')
  return held
}

/** Whoever began it issues it, also after a crash: the record says who that was. */
async function carryThrough(deps: Deps, within: Pick<Within, 'issue'>, row: CaseRow): Promise<CaseRow> {
  const caller: Principal = { name: '', ...row.issuingBy! }
  const { departmentCode, typeCode, caseNumber, attempts } = row
  // A department may have a case of the same number as one that was merged into it: these are two licences.
  const inherited = departmentCode === caller.departmentCode ? [] : [departmentCode]
  const key = ownKey('case', ...inherited, typeCode, caseNumber, attempts)
  const [outcome] = await within.issue(caller, [{ key, typeCode, ...contentOf(deps, row) }])
  await settle(deps, caller, row, outcome!)
  if (!outcome!.ok) throw outcome!.error
  return (await findCase(deps.database, row))!
}

/** As `submitCase` sealed it. */
function contentOf(deps: Deps, row: CaseRow): Pick<CaseSubmission, 'data' | 'body'> {
  const { data, body } = JSON.parse(
    Buffer.from(boxOf(deps, row).open('case', row.sealedRequest)).toString(),
  ) as CaseSubmission
  return { data, body }
}

async function settle(deps: Deps, caller: Principal, row: CaseRow, outcome: IssueOutcome): Promise<void> {
  if (outcome.ok) {
    const { identifier } = outcome.licence
    await deps.database.transaction(async (tx) => {
      const at = deps.clock.now()
      if (!(await answerCase(tx, row, { state: 'issued', at, by: caller.id, identifier }))) return
      const detail = `${row.typeCode} ${row.caseNumber}`
      await recordAudit(tx, caller, at, [{ action: 'issue-case', identifier, detail }])
    })
  } else if (isFinal(outcome)) {
    const { code } = outcome.error as { readonly code?: string }
    await failAttempt(deps.database, row, row.attempts, code ?? 'LICENCE_REJECTED')
  }
}

/** Refused for good: on record under its key, or refused before anything was recorded. An outage leaves the attempt standing. */
const isFinal = (outcome: Extract<IssueOutcome, { ok: false }>): boolean =>
  outcome.ended === true ||
  (outcome.error instanceof LicenceError && outcome.error.code !== 'LICENCE_ISSUANCE_INTERRUPTED')

/**
 * Refuses a case that waits: the decision stands, but no licence is made of it.
 * @throws LicenceError CASE_NOT_FOUND, CASE_ANSWERED
 */
export function refuseCase(deps: Deps, caller: Principal, name: CaseName, reason: string): Promise<CaseRow> {
  return deps.database.transaction(async (tx) => {
    const held = await holdCase(tx, name)
    if (held.state === 'refused') return held
    if (held.state !== 'waiting' || held.issuingBy)
      throw new LicenceError('CASE_ANSWERED', 'the licence of this case is made, or being made')
    const at = deps.clock.now()
    const sealedReason = boxOf(deps, held).seal('reason', Buffer.from(reason))
    await answerCase(tx, name, { state: 'refused', at, by: caller.id, sealedReason })
    const detail = `${name.typeCode} ${name.caseNumber}`
    await recordAudit(tx, caller, at, [{ action: 'refuse-case', identifier: null, detail }])
    return (await findCase(tx, name))!
  })
}

const RESUME_AFTER_MS = 60_000
const RESUMED_TOGETHER = 50

/** Takes up cases whose issuing a crash or an outage stopped; answers how many have their licence now. */
export async function resumeCases(deps: Deps, within: Pick<Within, 'issue'>, stopping: AbortSignal): Promise<number> {
  const before = new Date(deps.clock.now().getTime() - RESUME_AFTER_MS)
  let issued = 0
  for (const row of await listBeingIssued(deps.database, before, RESUMED_TOGETHER)) {
    if (stopping.aborted) break
    try {
      await carryThrough(deps, within, row)
      issued++
    } catch (error) {
      deps.log.warn('the licence of a case is not made yet', { error, caseNumber: row.caseNumber })
    }
  }
  return issued
}
