import { createHash } from 'node:crypto'
import { type LicenceData, parseLicenceData } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import { type Origin, originOf } from '../domain/collected.ts'
import type { Level } from '../domain/level.ts'
import { notFound } from '../domain/life-policy.ts'
import { type DepartmentStatus, departmentStatus } from '../domain/validity.ts'
import { LicenceError } from '../errors.ts'
import { looksAt } from '../store/holder-links.ts'
import { findLicence, type LicenceRow } from '../store/licences.ts'
import { recordRead } from '../store/reads.ts'
import { entriesOf } from '../store/register.ts'
import type { Deps } from './deps.ts'
import { asOfNow } from './life/due-orders.ts'
import { actedFor } from './life/life-facts.ts'
import { type ContentBox, openBox } from './sealed-content.ts'

export interface HistoryEntry {
  readonly event: string
  readonly status: string
  readonly reason: string | null
  readonly legalBasis: string | null
  readonly cause: string | null
  readonly secondPerson: string | null
  readonly effectiveAt: Date
  readonly recordedAt: Date
  readonly recordedBy: string
  readonly related: string | null
}

/** A licence as its department sees it. `data` and the reasons are null once erased. */
export interface LicenceView extends Origin {
  readonly identifier: string
  readonly typeCode: string
  readonly number: string
  readonly status: DepartmentStatus
  readonly data: LicenceData | null
  readonly dataDigest: string
  readonly sealedDigest: string | null
  /** Level of the seal as verified, and the one it is to reach. */
  readonly level: Level | null
  readonly targetLevel: Level
  readonly replaces: string | null
  readonly replacedBy: string | null
  readonly history: readonly HistoryEntry[]
  readonly looks: readonly { readonly at: Date; readonly what: string }[]
}

/** A row of a department in the caller's hand. Any other department's licence is as absent as one that never was. */
export async function getOwnRow(
  deps: Deps,
  caller: Pick<Principal, 'departmentCode'>,
  identifier: string,
): Promise<LicenceRow> {
  const row = await findLicence(deps.database, identifier)
  if (row?.departmentCode === caller.departmentCode) return row
  if (!row || !(await actedFor(deps, caller)).has(row.departmentCode)) throw notFound()
  return row
}

/** A licence as far as its data go. */
type DataColumns = Pick<LicenceRow, 'identifier' | 'wrappedDataKey' | 'sealedData' | 'dataDigest'>

/**
 * The data of a licence on record, held against their digest.
 * @throws LicenceError LICENCE_ERASED, LICENCE_CONTENT_DAMAGED
 */
export function openData(deps: Deps, row: DataColumns): LicenceData {
  const licenceJson = openBox(deps, row).open('data', row.sealedData)
  checkDigest(licenceJson, row.dataDigest, row.identifier)
  return parseLicenceData(licenceJson)
}

function checkDigest(bytes: Uint8Array, expected: string, identifier: string): void {
  if (createHash('sha256').update(bytes).digest('hex') !== expected)
    throw new LicenceError(
      'LICENCE_CONTENT_DAMAGED',
      `what is stored of ${identifier} does not have the digest on record`,
    )
}

/**
 * The licence in the state that it is in now; its history is what has been recorded, an order that is due some seconds later.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_CONTENT_DAMAGED
 */
export async function readLicence(deps: Deps, caller: Principal, identifier: string): Promise<LicenceView> {
  const row = await getOwnRow(deps, caller, identifier)
  const now = deps.clock.now()
  const [current] = await asOfNow(deps.database, [row], now)
  const [entries, looks] = await Promise.all([entriesOf(deps.database, identifier), looksAt(deps.database, identifier)])
  const box = row.wrappedDataKey ? openBox(deps, row) : undefined
  if (box) await recordRead(deps.database, { at: now, reader: caller, identifier, what: 'data' })
  return {
    identifier,
    typeCode: row.typeCode,
    number: row.printedNumber,
    status: departmentStatus(current!.state, row, now),
    data: box ? openData(deps, row) : null,
    dataDigest: row.dataDigest,
    sealedDigest: row.sealedDigest,
    ...originOf(row),
    level: row.level,
    targetLevel: row.targetLevel,
    replaces: row.replaces,
    replacedBy: row.replacedBy,
    history: entries.map(({ event, state, effectiveAt, recordedAt, recordedBy, related, ...entry }) => ({
      event,
      status: state === 'prepared' ? 'pending' : state,
      reason: opened(box, 'reason', entry.sealedReason),
      legalBasis: opened(box, 'legal-basis', entry.sealedLegalBasis),
      cause: entry.cause ?? null,
      secondPerson: entry.secondPerson ?? null,
      effectiveAt,
      recordedAt,
      recordedBy,
      related,
    })),
    looks,
  }
}

const opened = (
  box: ContentBox | undefined,
  kind: 'reason' | 'legal-basis',
  sealed: Uint8Array | null,
): string | null => (sealed && box ? Buffer.from(box.open(kind, sealed)).toString() : null)

/**
 * The sealed PDF of a licence on the register, byte for byte as it was registered: the row holds the digest of the blob, and the blob
 * opens only for this licence.
 * @throws LicenceError LICENCE_NOT_ISSUED, LICENCE_ERASED, LICENCE_CONTENT_DAMAGED
 */
export async function openDocument(deps: Deps, row: LicenceRow): Promise<Uint8Array> {
  if (row.documentBlob === null)
    throw new LicenceError('LICENCE_NOT_ISSUED', 'this licence has no document: it is not issued')
  const box = openBox(deps, row)
  return box.open('document', await deps.blobs.get(row.documentBlob))
}

/** The text of a licence's QR code; null before it is issued and once it is erased. */
export async function readStatement(deps: Deps, caller: Principal, identifier: string): Promise<string | null> {
  const row = await getOwnRow(deps, caller, identifier)
  if (!row.sealedStatement || !row.wrappedDataKey) return null
  return Buffer.from(openBox(deps, row).open('statement', row.sealedStatement)).toString()
}

/**
 * The sealed PDF, on record as a download, or as the picture of a page that says it only shows it.
 * @throws LicenceError as `openDocument`, and LICENCE_NOT_FOUND
 */
export async function readDocument(
  deps: Deps,
  caller: Principal,
  identifier: string,
  what: 'document' | 'picture' = 'document',
): Promise<Uint8Array> {
  const document = await openDocument(deps, await getOwnRow(deps, caller, identifier))
  await recordRead(deps.database, { at: deps.clock.now(), reader: caller, identifier, what })
  return document
}
