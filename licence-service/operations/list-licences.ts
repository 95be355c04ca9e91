import { dayOf, type RegisterState, statementHolder } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import { type DepartmentStatus, departmentStatus } from '../domain/validity.ts'
import { LicenceError } from '../errors.ts'
import { type ListFilter, listLicences as selectLicences } from '../store/licences.ts'
import { recordRead } from '../store/reads.ts'
import type { Deps } from './deps.ts'
import { actedFor } from './life/life-facts.ts'
import { openData } from './read-licence.ts'

export interface ListRequest {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly status?: DepartmentStatus | undefined
  readonly typeCode?: string | undefined
  readonly number?: string | undefined
}

export interface ListedLicence {
  readonly identifier: string
  readonly typeCode: string
  readonly typeName: string
  readonly number: string
  /** As the public sees it; empty once erased. */
  readonly holder: string
  readonly status: DepartmentStatus
  readonly issuedOn: string
  readonly validUntil: string | null
}

/**
 * Licences the caller's department has in hand, newest first. `next` is the cursor of the following page.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function listLicences(
  deps: Deps,
  caller: Principal,
  request: ListRequest,
): Promise<{ items: ListedLicence[]; next: string | null }> {
  const now = deps.clock.now()
  const filter = {
    typeCode: request.typeCode,
    number: request.number,
    before: request.cursor === undefined ? undefined : parseCursor(request.cursor),
    limit: request.limit + 1,
    ...conditionsFor(request.status, dayOf(now)),
  }
  // A list for each department keeps to its index; whoever took none over has one.
  const lists = await Promise.all(
    [...(await actedFor(deps, caller))].map((code) =>
      selectLicences(deps.database, { ...filter, departmentCode: code }),
    ),
  )
  const rows = lists.flat().sort((a, b) => Number(b.sequence - a.sequence))
  const page = rows.slice(0, request.limit)
  const shown = page.filter(({ wrappedDataKey }) => wrappedDataKey).length
  if (shown > 0)
    await recordRead(deps.database, { at: now, reader: caller, identifier: null, what: 'list', count: shown })
  const items = page.map((row) => {
    const { typeName, holder } = namesOf(deps, row)
    const { identifier, typeCode, printedNumber: number, issuedOn, validUntil } = row
    return {
      identifier,
      typeCode,
      typeName,
      number,
      holder,
      status: departmentStatus(row.state, row, now),
      issuedOn,
      validUntil,
    }
  })
  return { items, next: rows.length > page.length ? formatCursor(page.at(-1)!.sequence) : null }
}

function namesOf(deps: Deps, row: Parameters<typeof openData>[1]): { typeName: string; holder: string } {
  if (!row.wrappedDataKey) return { typeName: deps.templates.entry(row.typeCode)?.name.zh ?? row.typeCode, holder: '' }
  const data = openData(deps, row)
  return { typeName: data.typeName, holder: statementHolder(data) }
}

/** A status word as conditions on state and days. */
function conditionsFor(status: DepartmentStatus | undefined, day: string): Pick<ListFilter, 'states' | 'dates'> {
  if (status === undefined) return {}
  if (status === 'in force') return { states: ['in force'], dates: { day, side: 'within' } }
  if (status === 'not yet in force') return { states: ['in force'], dates: { day, side: 'before' } }
  if (status === 'expired') return { states: ['in force', 'suspended'], dates: { day, side: 'after' } }
  if (status === 'suspended') return { states: ['suspended'], dates: { day, side: 'not after' } }
  return { states: status === 'unknown' ? [] : [status === 'pending' ? 'prepared' : (status satisfies RegisterState)] }
}

const formatCursor = (sequence: bigint): string => Buffer.from(sequence.toString()).toString('base64url')

function parseCursor(cursor: string): bigint {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  if (!/^[1-9]\d{0,17}$/.test(text))
    throw new LicenceError('LICENCE_CURSOR_INVALID', 'the cursor is not one this list gave')
  return BigInt(text)
}
