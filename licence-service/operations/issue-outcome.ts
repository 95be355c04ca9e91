import { type Principal, TrustServiceError } from '../../platform/index.ts'
import { LicenceError } from '../errors.ts'
import { findKeys } from '../store/idempotency.ts'
import { findLicences } from '../store/licences.ts'
import { completeLicences } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import type { KeyedRequest } from './issue-licences.ts'
import { loadPrepared } from './load-prepared.ts'

/** What a minted licence's maker is told, now and on every repeat of the key. Nothing of the holder is in it. */
export interface IssuedLicence {
  readonly identifier: string
  readonly number: string
  readonly status: 'in force'
  readonly dataDigest: string
  readonly sealedDigest: string
}

/** `ended`: the refusal is on record and final for its key. Without it an error leaves the way open to try again. */
export type IssueOutcome =
  | { readonly ok: true; readonly licence: IssuedLicence }
  | { readonly ok: false; readonly error: unknown; readonly ended?: true }

/** What a key's row keeps: the licence, or the refusal that ended it. */
export type StoredAnswer =
  | { readonly issued: IssuedLicence }
  | { readonly refused: { readonly code: string; readonly message: string } }

/** The outcome that a stored answer stands for. */
export function outcomeOf(answer: StoredAnswer): IssueOutcome {
  if ('issued' in answer) return { ok: true, licence: answer.issued }
  return { ok: false, ended: true, error: new TrustServiceError(answer.refused.code, answer.refused.message) }
}

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
