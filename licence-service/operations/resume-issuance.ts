import { type LicenceRow, listPrepared } from '../store/licences.ts'
import { completeLicences } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import { GROUP } from './issue-licences.ts'
import type { IssueOutcome } from './issue-outcome.ts'
import { loadPrepared } from './load-prepared.ts'

/** Failures in a row after which something larger is down and the rest is left for the next time. */
const GIVE_UP_AFTER = 3

/**
 * Carries licences that a crash or an outage left prepared through the same steps as new ones. `preparedBefore` spares those that are
 * just being made; doing one twice at once is safe, only idle.
 */
export async function resumeIssuance(deps: Deps, preparedBefore: Date): Promise<{ completed: number; left: number }> {
  let completed = 0
  let left = 0
  let failures = 0
  let after = 0n
  for (;;) {
    const rows = await listPrepared(deps.database, preparedBefore, after, GROUP)
    if (rows.length === 0) return { completed, left }
    after = rows.at(-1)!.sequence
    // A group of uploaded documents of many megabytes each would not fit into memory: they come one by one.
    const together = await attempt(
      deps,
      rows.filter((row) => !isUploaded(deps, row)),
    )
    for (const row of rows) {
      let settled = isSettled(together.get(row.identifier))
      if (!settled && failures < GIVE_UP_AFTER) {
        settled = isSettled((await attempt(deps, [row])).get(row.identifier))
        failures = settled ? 0 : failures + 1
      }
      if (settled) completed++
      else left++
    }
  }
}

const isSettled = (outcome: IssueOutcome | undefined): boolean =>
  outcome !== undefined && (outcome.ok || outcome.ended === true)

const isUploaded = (deps: Deps, { typeCode, templateVersion }: LicenceRow): boolean =>
  deps.templates.version(typeCode, templateVersion)?.definition.body !== undefined

async function attempt(deps: Deps, rows: Parameters<typeof loadPrepared>[1]): Promise<Map<string, IssueOutcome>> {
  try {
    return await completeLicences(deps, await loadPrepared(deps, rows))
  } catch (error) {
    deps.log.warn('licences left prepared could not be loaded', { error, licences: rows.length })
    return new Map()
  }
}
