import { type LicenceStatus, parseIdentifier } from '../../licence-format/index.ts'
import { type Origin, originOf } from '../domain/collected.ts'
import { CLOCK_SKEW_MS, notAhead, stateAsOf } from '../domain/register-entry.ts'
import { publicStatus } from '../domain/validity.ts'
import { LicenceError } from '../errors.ts'
import { findOpenOrder } from '../store/acts.ts'
import { findBySealedDigest, findLicence, type LicenceRow } from '../store/licences.ts'
import { entriesOf } from '../store/register.ts'
import type { Deps } from './deps.ts'
import { changeBy, type HeldState } from './life/due-orders.ts'

/** What anyone may know of a licence. `status` is `unknown` for an identifier that names no licence, or none at `asOf`. */
export interface PublicStatus extends Origin {
  readonly identifier: string
  readonly status: LicenceStatus
  /** Of a licence that another system made: up to when that had told of its state, where that is earlier. */
  readonly asOf: Date
  readonly validFrom: string | null
  readonly validUntil: string | null
  readonly dataDigest: string | null
  readonly sealedDigest: string | null
  readonly replaces: string | null
  readonly replacedBy: string | null
  /** Which state held from when on, oldest first, as far as known at `asOf`: states and times alone, no reason and no name. */
  readonly history: readonly PastState[]
}

export interface PastState {
  readonly status: LicenceStatus
  readonly from: Date
}

/**
 * The status now, or as of an instant, by all that is recorded today: a change recorded later but effective earlier counts. What a clock
 * running ahead of ours took for the present is answered as of now.
 * @throws LicenceError LICENCE_AS_OF_IN_FUTURE; LicenceFormatError when the identifier is malformed
 */
export async function readStatus(deps: Deps, identifier: string, asOf?: Date): Promise<PublicStatus> {
  const { text } = parseIdentifier(identifier)
  const now = deps.clock.now()
  if (asOf && asOf.getTime() > now.getTime() + CLOCK_SKEW_MS)
    throw new LicenceError('LICENCE_AS_OF_IN_FUTURE', 'what will be in future is not known')
  const at = notAhead(asOf ?? now, now)
  const row = await findLicence(deps.database, text)
  const entries = row ? await entriesToNow(deps, row, now) : []
  const state = stateAsOf(entries, at)
  if (!row || state === undefined || state === 'prepared' || state === 'rejected') return unknownStatus(text, at)
  return {
    identifier: text,
    status: publicStatus(state, row, at),
    asOf: row.statusReportedAt && row.statusReportedAt < at ? row.statusReportedAt : at,
    ...originOf(row),
    validFrom: row.validFrom,
    validUntil: row.validUntil,
    dataDigest: row.dataDigest,
    sealedDigest: row.sealedDigest,
    replaces: row.replaces,
    replacedBy: row.replacedBy,
    history: publicHistory(entries, at),
  }
}

/** The register, and an order whose time has come: it counts from then on, though it is carried out some seconds later. */
export async function entriesToNow(
  deps: Deps,
  { identifier, state }: Pick<LicenceRow, 'identifier' | 'state'>,
  now: Date,
): Promise<HeldState[]> {
  const mayBeOrdered = state === 'in force' || state === 'suspended'
  const order = mayBeOrdered ? await findOpenOrder(deps.database, identifier) : undefined
  const entries: HeldState[] = await entriesOf(deps.database, identifier)
  const change = changeBy(order, state, now)
  return change ? [...entries, change] : entries
}

/** What never got out of the house is nobody's business, and neither are two entries that say the same. */
function publicHistory(entries: readonly HeldState[], at: Date): PastState[] {
  const past: PastState[] = []
  for (const { state, effectiveAt } of entries) {
    if (state === 'prepared' || state === 'rejected' || effectiveAt > at || past.at(-1)?.status === state) continue
    past.push({ status: state, from: effectiveAt })
  }
  return past
}

/** The status now of the licence whose sealed document has this digest (lower-case hex); undefined where there is none. */
export async function readStatusByDigest(deps: Deps, sealedDigest: string): Promise<PublicStatus | undefined> {
  const identifier = await findBySealedDigest(deps.database, sealedDigest)
  const status = identifier === undefined ? undefined : await readStatus(deps, identifier)
  return status?.status === 'unknown' ? undefined : status
}

const unknownStatus = (identifier: string, asOf: Date): PublicStatus => ({
  identifier,
  status: 'unknown',
  asOf,
  ...originOf({ collectedFrom: null, statusReportedAt: null }),
  validFrom: null,
  validUntil: null,
  dataDigest: null,
  sealedDigest: null,
  replaces: null,
  replacedBy: null,
  history: [],
})
