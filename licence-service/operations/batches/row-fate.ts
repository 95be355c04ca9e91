// What becomes of a row, by what became of its licence.

import { MOST_ATTEMPTS, type RowState } from '../../domain/batch.ts'
import { LicenceError } from '../../errors.ts'
import { sealerDelays, sealerRefusals } from '../../ports/sealer.ts'
import type { BatchRowRow, SettledRow } from '../../store/batch-rows.ts'
import type { BatchCounts } from '../../store/batches.ts'
import type { IssueOutcome } from '../issue-outcome.ts'

/** Why a batch does not go on by itself, or only later. */
export interface Halt {
  readonly note: string
  /** Comes back by itself after so many seconds; null: somebody has to look. */
  readonly afterSeconds: number | null
}

export interface Fate {
  readonly settled: SettledRow
  readonly halt?: Halt
}

/** These would meet every row alike: the batch stops, and its rows stay good. */
const STOPS = [
  'LICENCE_TYPE_NOT_ASSIGNED',
  'LICENCE_TYPE_UNKNOWN',
  'TEMPLATE_NOT_PUBLISHED',
  'TEMPLATE_RETIRED',
  'NUMBER_EXHAUSTED',
]
/** Refusals of one document; every other one of the seal service's is about the seal, and meets every row. */
const OF_THE_DOCUMENT = [
  'SEAL_IDENTIFIER_MALFORMED',
  'SEAL_DIGEST_MISMATCH',
  'SEAL_REQUEST_CONFLICT',
  'SEAL_DOCUMENT_TOO_LARGE',
  'SEAL_DOCUMENT_UNREADABLE',
  'SEAL_RESULT_NOT_REPEATABLE',
  'STATEMENT_IDENTIFIER_MISMATCH',
  'STATEMENT_REQUEST_CONFLICT',
]
const OUTAGES = ['LICENCE_ISSUANCE_INTERRUPTED', 'LICENCE_CONTENT_DAMAGED']
const WAIT_SECONDS: Readonly<Record<string, number>> = {
  SEAL_RATE_EXCEEDED: 30,
  SEAL_QUOTA_EXHAUSTED: 900,
  SEAL_SECOND_PERSON_AWAITED: 120,
}

export function fateOf(row: Pick<BatchRowRow, 'row' | 'attempts'>, outcome: IssueOutcome): Fate {
  if (outcome.ok)
    return { settled: { row: row.row, state: 'issued', identifier: outcome.licence.identifier, lastFault: null } }
  const { error, ended } = outcome
  const code = codeOf(error)
  if (sealerDelays.some((delay) => delay === code)) {
    const afterSeconds = retryAfterOf(error) ?? WAIT_SECONDS[code] ?? 60
    return { settled: { row: row.row, state: 'minting', lastFault: code }, halt: { note: code, afterSeconds } }
  }
  if (!ended && STOPS.includes(code))
    return { settled: { row: row.row, state: 'valid', lastFault: code }, halt: { note: code, afterSeconds: null } }
  const isRefusal = ended === true || (error instanceof LicenceError && !OUTAGES.includes(code))
  if (isRefusal) {
    const isOfSeal = sealerRefusals.some((one) => one === code) && !OF_THE_DOCUMENT.includes(code)
    return {
      settled: { row: row.row, state: 'refused', lastFault: code },
      ...(isOfSeal && { halt: { note: code, afterSeconds: null } }),
    }
  }
  const attempts = row.attempts + 1
  return { settled: { row: row.row, state: attempts >= MOST_ATTEMPTS ? 'dead' : 'minting', attempts, lastFault: code } }
}

/** The code of an error, for the record: never its message. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : 'INTERNAL_ERROR'
}

function retryAfterOf(error: unknown): number | undefined {
  const seconds = error instanceof Error && 'retryAfterSeconds' in error ? error.retryAfterSeconds : undefined
  return typeof seconds === 'number' ? seconds : undefined
}

const countOf: Readonly<Partial<Record<RowState, keyof BatchCounts>>> = {
  valid: 'valid',
  minting: 'valid',
  claimed: 'claimed',
  duplicate: 'duplicate',
  issued: 'issued',
  refused: 'refused',
  dead: 'dead',
  'rolled-back': 'rolledBack',
}

/** What moved rows add to a batch's counts. */
export function countsOf(
  moved: readonly { state: RowState; was: RowState }[],
): Partial<Record<keyof BatchCounts, number>> {
  const counts: Partial<Record<keyof BatchCounts, number>> = {}
  const add = (state: RowState, by: number) => {
    const name = countOf[state]
    if (name) counts[name] = (counts[name] ?? 0) + by
  }
  for (const { state, was } of moved) {
    add(was, -1)
    add(state, 1)
  }
  return counts
}
