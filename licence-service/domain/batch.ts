import { LicenceError } from '../errors.ts'
import { ownKey } from './own-key.ts'
import type { ScanGrade } from './scan.ts'

/** States of a batch. `checking`, `minting` and `rolling-back` are worked off; `waiting` comes back by itself. */
export const batchStates = [
  'uploaded',
  'mapped',
  'checking',
  'checked',
  'sampled',
  'approved',
  'minting',
  'paused',
  'waiting',
  'done',
  'cancelled',
  'rolling-back',
  'rolled-back',
] as const
export type BatchState = (typeof batchStates)[number]

export const rowStates = [
  'new',
  'valid',
  'faulty',
  'duplicate',
  'claimed',
  'minting',
  'issued',
  'refused',
  'dead',
  'rolled-back',
] as const
export type RowState = (typeof rowStates)[number]

export type Phase = 'check' | 'mint' | 'roll-back'

/** What people do with a batch, from which states, and where it leads. */
const acts = {
  map: { from: ['uploaded', 'mapped', 'checked', 'sampled'], to: 'mapped' },
  add: { from: ['uploaded', 'mapped', 'checked', 'sampled'], to: null },
  check: { from: ['mapped', 'checked', 'sampled'], to: 'checking' },
  sample: { from: ['checked', 'sampled'], to: 'sampled' },
  approve: { from: ['sampled'], to: 'approved' },
  refuse: { from: ['sampled'], to: 'checked' },
  start: { from: ['approved'], to: 'minting' },
  pause: { from: ['minting', 'waiting'], to: 'paused' },
  resume: { from: ['paused', 'waiting'], to: 'minting' },
  cancel: {
    from: ['uploaded', 'mapped', 'checking', 'checked', 'sampled', 'approved', 'minting', 'paused', 'waiting'],
    to: 'cancelled',
  },
  retry: { from: ['done', 'paused', 'waiting', 'minting'], to: 'minting' },
  'roll-back': { from: ['done', 'cancelled', 'paused', 'rolled-back'], to: 'rolling-back' },
} as const satisfies Record<string, { from: readonly BatchState[]; to: BatchState | null }>
export type BatchAct = keyof typeof acts

/**
 * The state after an act; the same one where the act leads nowhere else.
 * @throws LicenceError BATCH_STATE_REFUSED
 */
export function afterAct(state: BatchState, act: BatchAct): BatchState {
  const { from, to }: { from: readonly BatchState[]; to: BatchState | null } = acts[act]
  if (!from.includes(state))
    throw new LicenceError(
      'BATCH_STATE_REFUSED',
      `${act} needs a batch that is ${from.join(' or ')}; this one is ${state}`,
    )
  return to ?? state
}

/** Whether a batch was rolled back altogether: no licence is left of it, and none that may yet be completed. */
export const isRolledBackWhole = (state: BatchState, { issued, dead }: Readonly<Record<'issued' | 'dead', number>>) =>
  state === 'rolled-back' && issued + dead === 0

/** What is left to do with a batch whose department issues nothing more, having been merged into another: to end it or take it back. */
export const endingActs: readonly BatchAct[] = ['pause', 'cancel', 'roll-back']

/** What may be done next of these acts, for whoever is asked; rows are tried again where some failed or gave way. */
export const nextActs = (
  state: BatchState,
  { refused, dead, claimed, issued }: Readonly<Record<'refused' | 'dead' | 'claimed' | 'issued', number>>,
  among = Object.keys(acts) as readonly BatchAct[],
): BatchAct[] =>
  among
    .filter((act) => (acts[act].from as readonly BatchState[]).includes(state))
    .filter((act) => act !== 'retry' || refused + dead + claimed > 0)
    .filter((act) => act !== 'roll-back' || !isRolledBackWhole(state, { issued, dead }))

/** Rows of a chunk: what one worker holds at a time. */
export const CHUNK_ROWS = 200
export const LEASE_MS = 60_000
/** An outage is tried so often, each time later; then a person looks. */
export const MOST_ATTEMPTS = 5
/** How long what a batch says of its holders is kept after its end, or after anybody touched it. */
export const KEPT_DAYS = 90

/** How long after an outage a chunk is left alone. */
export const pauseAfter = (attempts: number): number => 2_000 * 4 ** Math.min(Math.max(attempts - 1, 0), 4)

/** The idempotency key of a row's licence: the same for ever, unless a refusal on record is set aside. */
export const rowKey = (batchId: string, row: number, generation: number): string =>
  generation === 0 ? ownKey('batch', batchId, row) : ownKey('batch', batchId, row, generation)

export interface Progress {
  /** Licences a second over the last minute; null while nothing can be said. */
  readonly rate: number | null
  readonly remainingSeconds: number | null
}

/** What a batch's pace says of its end. */
export function progressOf(settledLately: number, sinceMs: number, remaining: number): Progress {
  if (settledLately === 0 || sinceMs <= 0) return { rate: null, remainingSeconds: remaining === 0 ? 0 : null }
  const rate = settledLately / (sinceMs / 1000)
  return { rate: Math.round(rate * 100) / 100, remainingSeconds: Math.ceil(remaining / rate) }
}

/** How many rows are looked at when nobody says: enough to meet a fault that one row in twenty has. */
export const usualSample = (valid: number): number =>
  Math.min(valid, Math.max(5, Math.min(60, Math.ceil(Math.sqrt(valid)))))

export type TextEncoding = 'utf-8' | 'gb18030'

/** Which column of a file becomes which field of a type. Fields are named `name`, columns of a table field `table.column`. */
export interface Mapping {
  readonly columns: readonly { readonly column: string; readonly field: string }[]
  /** The same for every row: values by field. */
  readonly constants?: Readonly<Record<string, string>> | undefined
  readonly sheet?: string | undefined
  readonly headerRow?: number | undefined
  readonly encoding?: TextEncoding | undefined
  readonly scans?: ScanMapping | undefined
}

/** Which files of the batch's ZIPs are scans of a row's paper. */
export interface ScanMapping {
  /** The column that names the files, or with whose content their names begin. */
  readonly column: string
  readonly by: 'file-names' | 'beginnings'
  /** The column of the grade; where its cell is empty or there is none, `grade` counts. */
  readonly gradeColumn?: string | undefined
  readonly grade?: ScanGrade | undefined
  /** Whether a row without a scan is at fault. */
  readonly isRequired?: boolean | undefined
}
