import { copyStatusAt, parseIdentifier } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import { placeStateOf } from '../../domain/copy.ts'
import { stateAsOf } from '../../domain/register-entry.ts'
import { LicenceError } from '../../errors.ts'
import { type CopyRow, findCopy, listCopies } from '../../store/copies.ts'
import { findLicence } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import { entriesOf } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'
import { getOwnRow } from '../read-licence.ts'
import type { PastState, PublicStatus } from '../read-status.ts'
import { statusOfCopy } from './complete-copy.ts'
import { boxOf, describeCopy } from './describe-copy.ts'
import type { MadeCopy } from './make-copy.ts'

/** What anyone may know of a copy: never for whom or for what it is. */
export interface CopyStatus extends Omit<PublicStatus, 'replaces' | 'replacedBy'> {
  readonly copyId: string
  readonly expiresAt: Date | null
}

/**
 * A copy of the caller's department: made by it, or of a licence it has in hand.
 * @throws LicenceError COPY_NOT_FOUND
 */
export async function getOwnCopy(
  deps: Deps,
  caller: Pick<Principal, 'departmentCode'>,
  copyId: string,
): Promise<CopyRow> {
  const row = await findCopy(deps.database, copyId)
  const acted = await actedFor(deps, caller)
  if (!row || !(acted.has(row.makerDepartment) || acted.has(row.departmentCode)))
    throw new LicenceError('COPY_NOT_FOUND', 'the department has no copy with this identifier')
  return row
}

/** @throws LicenceError COPY_NOT_FOUND, LICENCE_ERASED */
export async function readCopy(
  deps: Deps,
  caller: Principal,
  copyId: string,
): Promise<MadeCopy & { statement: string | null }> {
  const row = await getOwnCopy(deps, caller, copyId)
  await recordRead(deps.database, { at: deps.clock.now(), reader: caller, identifier: row.identifier, what: 'copy' })
  const statement =
    row.sealedStatement && Buffer.from(boxOf(deps, row).open('statement', row.sealedStatement)).toString()
  return { ...describeCopy(deps, row, await statusOfCopy(deps, row)), statement }
}

type Reading = Pick<Principal, 'id' | 'kind' | 'departmentCode'>

/** The sealed PDF. @throws LicenceError COPY_NOT_FOUND, COPY_STATE_REFUSED, LICENCE_ERASED */
export async function readCopyDocument(deps: Deps, caller: Reading, copyId: string): Promise<Uint8Array> {
  const row = await getOwnCopy(deps, caller, copyId)
  if (row.documentBlob === null) throw new LicenceError('COPY_STATE_REFUSED', 'this copy has no document')
  await recordRead(deps.database, {
    at: deps.clock.now(),
    reader: caller,
    identifier: row.identifier,
    what: 'document',
  })
  return openCopyDocument(deps, row)
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

/** Copies of a licence of the caller's department, newest first. `cursor` is the last one of the page before. */
export async function listCopiesOf(
  deps: Deps,
  caller: Principal,
  identifier: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<{ items: CopyBrief[]; next: string | null }> {
  const original = await getOwnRow(deps, caller, identifier)
  const last = cursor === undefined ? undefined : await findCopy(deps.database, cursor)
  if (cursor !== undefined && last?.identifier !== identifier)
    throw new LicenceError('LICENCE_CURSOR_INVALID', 'the cursor is not from this list')
  const rows = await listCopies(deps.database, identifier, last ?? null, limit + 1)
  const page = rows.slice(0, limit)
  const now = deps.clock.now()
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
  const status = copyStatusAt(placeStateOf(row.state, original.state), { validFrom, validUntil, expiresAt }, asOf)
  const history = await historyOf(deps, row, asOf)
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

/** States of a copy from its making on: those of its original as recorded, until its own end. */
async function historyOf(deps: Deps, row: CopyRow, now: Date): Promise<PastState[]> {
  const entries = await entriesOf(deps.database, row.identifier)
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
