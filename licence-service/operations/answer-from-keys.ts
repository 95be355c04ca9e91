import type { Principal } from '../../platform/index.ts'
import { LicenceError } from '../errors.ts'
import { findKeys } from '../store/idempotency.ts'
import { findLicences } from '../store/licences.ts'
import { completeLicences } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import type { KeyedRequest } from './issue-licences.ts'
import { type IssueOutcome, outcomeOf, type StoredAnswer } from './issue-outcome.ts'
import { loadPrepared } from './load-prepared.ts'

/**
 * Outcomes of the requests whose key the department has used before: the stored answer; for a licence that was left prepared, the
 * remaining steps done now; IDEMPOTENCY_KEY_REUSED when the body is another.
 */
export async function answerFromKeys(
  deps: Deps,
  caller: Principal,
  requests: readonly KeyedRequest[],
): Promise<Map<string, IssueOutcome>> {
  const outcomes = new Map<string, IssueOutcome>()
  if (requests.length === 0) return outcomes
  const rows = new Map(
    (
      await findKeys(
        deps.database,
        caller.departmentCode,
        requests.map(({ key }) => key),
      )
    ).map((row) => [row.key, row]),
  )
  const unfinished = new Map<string, string>()
  for (const { key, requestMac } of requests) {
    const row = rows.get(key)
    if (!row) continue
    if (!Buffer.from(requestMac).equals(row.requestMac))
      outcomes.set(key, {
        ok: false,
        error: new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another body'),
      })
    else if (row.answer) outcomes.set(key, outcomeOf(row.answer as StoredAnswer))
    else unfinished.set(row.identifier, key)
  }
  if (unfinished.size === 0) return outcomes
  const licences = await findLicences(deps.database, [...unfinished.keys()])
  const completed = await completeLicences(deps, await loadPrepared(deps, licences))
  for (const [identifier, key] of unfinished) outcomes.set(key, completed.get(identifier)!)
  return outcomes
}
