import { copyStatusAt, parseIdentifier } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import type { Origin } from '../../domain/collected.ts'
import { placeStateOf } from '../../domain/copy.ts'
import { stateAsOf } from '../../domain/register-entry.ts'
import { LicenceError } from '../../errors.ts'
import { type CopyRow, findCopy, listCopies } from '../../store/copies.ts'
import { findLicence } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import type { Deps } from '../deps.ts'
import { asOfNow, type HeldState } from '../life/due-orders.ts'
import { actedFor } from '../life/life-facts.ts'
import { getOwnRow } from '../read-licence.ts'
import { entriesToNow, type PastState, type PublicStatus } from '../read-status.ts'
import { statusOfCopy } from './complete-copy.ts'
import { boxOf, describeCopy } from './describe-copy.ts'
import type { MadeCopy } from './make-copy.ts'

/** What anyone may know of a copy: never for whom or for what it is. */
export interface CopyStatus extends Omit<PublicStatus, 'replaces' | 'replacedBy' | keyof Origin> {
  readonly copyId: string
  readonly expiresAt: Date | null
}

/** A copy, and whether the caller stands on the side of whoever issued it. */
interface SeenCopy {
  readonly row: CopyRow
  readonly isIssuers: boolean
}

/** A copy of a licence that the caller's department has in hand, or that it had made for itself. @throws LicenceError COPY_NOT_FOUND */
async function getSeenCopy(deps: Deps, caller: Principal, copyId: string): Promise<SeenCopy> {
  const row = await findCopy(deps.database, copyId)
  const acted = await actedFor(deps, caller)
  const isIssuers = row !== undefined && mayMakeCopies(deps, caller) && acted.has(row.departmentCode)
  const isOwn = row?.recipientCode != null && acted.has(row.makerDepartment) && acted.has(row.recipientCode)
  if (!row || !(isIssuers || isOwn))
    throw new LicenceError('COPY_NOT_FOUND', 'the department has no copy with this identifier')
  return { row, isIssuers }
}

/** Who only uses licences sees the copies made for their department; for whom and for what the others are is the issuer's to know. */
const mayMakeCopies = (deps: Deps, caller: Principal): boolean => deps.people.isPermitted(caller, 'copies:make')

/** @throws LicenceError COPY_NOT_FOUND, LICENCE_ERASED */
export async function readCopy(
  deps: Deps,
  caller: Principal,
  copyId: string,
): Promise<MadeCopy & { statement: string | null }> {
  const { row } = await getSeenCopy(deps, caller, copyId)
  await recordRead(deps.database, {
    at: deps.clock.now(),
    reader: caller,
    identifier: row.identifier,
    what: 'copy-read',
  })
  const statement =
    row.sealedStatement && Buffer.from(boxOf(deps, row).open('statement', row.sealedStatement)).toString()
  return { ...describeCopy(deps, row, await statusOfCopy(deps, row)), statement }
}

/**
 * The sealed PDF: for the issuer's side always, for whom the copy was made while it is in force.
 * @throws LicenceError COPY_NOT_FOUND, COPY_STATE_REFUSED, LICENCE_ERASED
 */
export async function readCopyDocument(deps: Deps, caller: Principal, copyId: string): Promise<Uint8Array> {
  const { row, isIssuers } = await getSeenCopy(deps, caller, copyId)
  if (row.documentBlob === null) throw new LicenceError('COPY_STATE_REFUSED', 'this copy has no document')
  if (!isIssuers) requireInForce(await statusOfCopy(deps, row))
  await recordRead(deps.database, {
    at: deps.clock.now(),
    reader: caller,
    identifier: row.identifier,
    what: 'copy-document',
  })
  return openCopyDocument(deps, row)
}

/** @throws LicenceError COPY_STATE_REFUSED */
export function requireInForce(status: MadeCopy['status']): void {
  if (status !== 'in force')
    throw new LicenceError('COPY_STATE_REFUSED', 'a copy is handed out while it is in force: ask anew with another key')
}

/** The sealed PDF of a copy that has one, for whoever was found to be allowed to have it. */
export const openCopyDocument = async (deps: Deps, row: CopyRow): Promise<Uint8Array> =>
  boxOf(deps, row).open('document', await deps.blobs.get(row.documentBlob!))

/** A copy in a list, without anything that is sealed. */
export interface CopyBrief {
  readonly copyId: string
  readonly identifier: string
  readonly status: MadeCopy['status']
  readonly madeAt: Date
  readonly expiresAt: Date
  readonly maker: string
  readonly makerDepartment: string
  readonly recipientCode: string | null
}

/** Copies of a licence of the caller's department that they may see, newest first. `cursor` is the last one of the page before. */
export async function listCopiesOf(
  deps: Deps,
  caller: Principal,
  identifier: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<{ items: CopyBrief[]; next: string | null }> {
  const now = deps.clock.now()
  const original = (await asOfNow(deps.database, [await getOwnRow(deps, caller, identifier)], now))[0]!
  const last = cursor === undefined ? undefined : await findCopy(deps.database, cursor)
  if (cursor !== undefined && last?.identifier !== identifier)
    throw new LicenceError('LICENCE_CURSOR_INVALID', 'the cursor is not from this list')
  const recipients = mayMakeCopies(deps, caller) ? null : [...(await actedFor(deps, caller))]
  const rows = await listCopies(deps.database, identifier, { recipients, after: last ?? null, limit: limit + 1 })
  const page = rows.slice(0, limit)
  const items = page.map((row): CopyBrief => {
    const { copyId, madeAt, expiresAt, maker, makerDepartment, recipientCode, state } = row
    const at = { validFrom: original.validFrom, validUntil: original.validUntil, expiresAt }
    const unfinished = state === 'prepared' ? 'pending' : state === 'rejected' ? 'rejected' : undefined
    const status = unfinished ?? copyStatusAt(placeStateOf(state, original.state), at, now)
    return { copyId, identifier, status, madeAt, expiresAt, maker, makerDepartment, recipientCode }
  })
  return { items, next: rows.length > limit ? page.at(-1)!.copyId : null }
}

/** The public status of a copy of this licence; `unknown` where there is none. @throws LicenceFormatError */
export async function readCopyStatus(deps: Deps, identifier: string, copyId: string): Promise<CopyStatus> {
  const { text } = parseIdentifier(identifier)
  const asOf = deps.clock.now()
  const row = await findCopy(deps.database, copyId)
  const original = row && row.identifier === text ? await findLicence(deps.database, text) : undefined
  if (!row || !original || row.documentBlob === null) return { ...nothingKnown, identifier: text, copyId, asOf }
  const { validFrom, validUntil } = original
  const { expiresAt, dataDigest, sealedDigest } = row
  const { state } = (await asOfNow(deps.database, [original], asOf))[0]!
  const status = copyStatusAt(placeStateOf(row.state, state), { validFrom, validUntil, expiresAt }, asOf)
  const history = historyOf(row, await entriesToNow(deps, original, asOf), asOf)
  return { identifier: text, copyId, status, asOf, validFrom, validUntil, expiresAt, dataDigest, sealedDigest, history }
}

const nothingKnown = {
  status: 'unknown',
  validFrom: null,
  validUntil: null,
  expiresAt: null,
  dataDigest: null,
  sealedDigest: null,
  history: [],
} as const

/** States of a copy from its making on: those of its original, until its own end. */
function historyOf(row: CopyRow, entries: readonly HeldState[], now: Date): PastState[] {
  const ownEnd = row.state === 'revoked' ? row.endedAt : null
  const turns = [row.madeAt, ...entries.map(({ effectiveAt }) => effectiveAt), ...(ownEnd ? [ownEnd] : [])]
    .filter((at) => at >= row.madeAt && at <= now)
    .sort((a, b) => a.getTime() - b.getTime())
  const past: PastState[] = []
  for (const from of turns) {
    const original = stateAsOf(entries, from) ?? 'in force'
    const status = ownEnd && from >= ownEnd ? 'revoked' : placeStateOf('in force', original)
    if (status !== 'prepared' && status !== 'rejected' && past.at(-1)?.status !== status) past.push({ status, from })
  }
  return past
}
