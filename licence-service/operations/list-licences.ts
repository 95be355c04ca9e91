import { dayOf, type RegisterState, statementHolder } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import { type Origin, originOf } from '../domain/collected.ts'
import { type DepartmentStatus, departmentStatus } from '../domain/validity.ts'
import { LicenceError } from '../errors.ts'
import { findByHash } from '../store/hash-search.ts'
import { type ListedRow, type ListFilter, listLicences as selectLicences } from '../store/listed-licences.ts'
import { recordRead } from '../store/reads.ts'
import { cursorRefused } from './cursor.ts'
import type { Deps } from './deps.ts'
import { holderCodeMac } from './holder-key.ts'
import { asOfNow } from './life/due-orders.ts'
import { actedFor } from './life/life-facts.ts'
import { openData } from './read-licence.ts'
import { keyedHash } from './sealed-content.ts'
import { fieldMac } from './searched-fields.ts'

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
  readonly origin: Origin['origin']
}

export interface ListedPage {
  readonly items: readonly ListedLicence[]
  readonly next: string | null
}

/**
 * Licences the caller's department has in hand, newest first, in the state that they are in now. `next` is the cursor of the following
 * page; one by status leaves out what an order that is due changed since, and takes it up once that is carried out.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function listLicences(deps: Deps, caller: Principal, request: ListRequest): Promise<ListedPage> {
  const now = deps.clock.now()
  const rows = await select(deps, await actedFor(deps, caller), {
    ...filterFor(request, now),
    before: request.cursor === undefined ? undefined : parseCursor(request.cursor),
    limit: request.limit + 1,
  })
  const page = rows.slice(0, request.limit)
  const next = rows.length > page.length ? formatCursor(page.at(-1)!.sequence) : null
  return { items: await show(deps, caller, page, 'list', { now, status: request.status }), next }
}

export interface SearchRequest extends ListRequest {
  /** Of its holder, as it stands on the licence; compared by keyed hash, in capitals. */
  readonly holderCode?: string | undefined
  /** Of its holder, in full; compared by keyed hash. */
  readonly holderName?: string | undefined
  readonly identifier?: string | undefined
  /** A value in a field of the type asked for, in full; compared by keyed hash, in any width and case. */
  readonly field?: { readonly name: string; readonly value: string } | undefined
}

/**
 * Licences the caller's department has in hand that fit everything that is asked for, newest first. A page may hold fewer than were asked
 * for and still have a next one. That somebody searched is on record.
 * @throws LicenceError LICENCE_CURSOR_INVALID, LICENCE_FIELD_NOT_SEARCHED
 */
export const searchLicences = (deps: Deps, caller: Principal, request: SearchRequest): Promise<ListedPage> =>
  findPage(deps, caller, request, 'search')

/** Licences in a file: few enough at once that other requests go on between two pages. */
const EXPORTED_AT_ONCE = 200

/**
 * All that a search finds, newest first, page by page; each page is on record as an export before it is given. A licence that comes to
 * the register meanwhile is left out.
 * @throws LicenceError LICENCE_FIELD_NOT_SEARCHED
 */
export async function* exportLicences(
  deps: Deps,
  caller: Principal,
  request: Omit<SearchRequest, 'cursor' | 'limit'>,
): AsyncGenerator<readonly ListedLicence[]> {
  let cursor: string | undefined
  do {
    const page: ListedPage = await findPage(deps, caller, { ...request, cursor, limit: EXPORTED_AT_ONCE }, 'export')
    yield page.items
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}

async function findPage(
  deps: Deps,
  caller: Principal,
  request: SearchRequest,
  what: 'search' | 'export',
): Promise<ListedPage> {
  const now = deps.clock.now()
  const departmentCodes = await actedFor(deps, caller)
  const before = request.cursor === undefined ? undefined : parseCursor(request.cursor)
  const { holderCode, holderName, identifier, field, typeCode } = request
  const filter = { ...filterFor(request, now), ...(identifier !== undefined && { identifiers: [identifier] }) }
  if (holderCode === undefined && holderName === undefined && field === undefined) {
    const rows = await select(deps, departmentCodes, { ...filter, before, limit: request.limit + 1 })
    const page = rows.slice(0, request.limit)
    const next = rows.length > page.length ? formatCursor(page.at(-1)!.sequence) : null
    return { items: await show(deps, caller, page, what, { now, status: request.status }), next }
  }
  const found = await findByHash(deps.database, {
    codeMac: holderCode === undefined ? undefined : holderCodeMac(deps, holderCode),
    nameMac: holderName === undefined ? undefined : keyedHash(deps, 'holder-name', holderName),
    fieldMacs: field && macsOfField(deps, departmentCodes, typeCode ?? '', field),
    departmentCodes: [...departmentCodes],
    before,
    limit: request.limit + 1,
  })
  const among = found.slice(0, request.limit)
  const identifiers = among.map((one) => one.identifier).filter((one) => identifier === undefined || one === identifier)
  const rows = await select(deps, departmentCodes, { ...filter, identifiers, limit: request.limit })
  const next = found.length > among.length ? formatCursor(among.at(-1)!.sequence) : null
  return { items: await show(deps, caller, rows, what, { now, status: request.status }), next }
}

/** Throws LICENCE_FIELD_NOT_SEARCHED. */
function macsOfField(
  deps: Deps,
  departmentCodes: ReadonlySet<string>,
  typeCode: string,
  { name, value }: NonNullable<SearchRequest['field']>,
): Uint8Array[] {
  if (!deps.templates.entry(typeCode)?.searchFields?.includes(name))
    throw new LicenceError('LICENCE_FIELD_NOT_SEARCHED', 'licences of this type are not found by this field')
  return [...departmentCodes].map((departmentCode) => fieldMac(deps, { departmentCode, typeCode }, name, value))
}

type Conditions = Omit<Extract<ListFilter, { readonly departmentCode: string }>, 'departmentCode'>

/** A list for each department keeps to its index; whoever took none over has one. */
async function select(deps: Deps, departmentCodes: ReadonlySet<string>, filter: Conditions): Promise<ListedRow[]> {
  const lists = await Promise.all(
    [...departmentCodes].map((departmentCode) => selectLicences(deps.database, { ...filter, departmentCode })),
  )
  return lists.flat().sort((one, other) => Number(other.sequence - one.sequence))
}

const filterFor = ({ typeCode, number, status }: ListRequest, now: Date) => ({
  typeCode,
  number,
  ...conditionsFor(status, dayOf(now)),
})

async function show(
  deps: Deps,
  caller: Principal,
  found: readonly ListedRow[],
  what: 'list' | 'search' | 'export',
  { now, status: asked }: { readonly now: Date; readonly status?: DepartmentStatus | undefined },
): Promise<ListedLicence[]> {
  // Found by the state on record: an order that is due may have made another of it.
  const current = await asOfNow(deps.database, found, now)
  const rows = current.filter((row) => asked === undefined || departmentStatus(row.state, row, now) === asked)
  const shown = rows.filter(({ wrappedDataKey }) => wrappedDataKey).length
  if (shown > 0 || what !== 'list')
    await recordRead(deps.database, { at: now, reader: caller, identifier: null, what, count: shown })
  return rows.map((row) => {
    const { typeName, holder } = namesOf(deps, row)
    const { identifier, typeCode, printedNumber: number, issuedOn, validUntil } = row
    const status = departmentStatus(row.state, row, now)
    const { origin } = originOf(row)
    return { identifier, typeCode, typeName, number, holder, status, issuedOn, validUntil, origin }
  })
}

/**
 * What a licence is called and whose it is, masked; no holder where its data were erased, or are damaged: a list goes on past it, and says
 * so in the log. Whoever shows it records the read.
 */
export function namesOf(
  deps: Deps,
  row: Parameters<typeof openData>[1] & Pick<ListedRow, 'typeCode'>,
): { typeName: string; holder: string } {
  const untold = { typeName: deps.templates.entry(row.typeCode)?.name.zh ?? row.typeCode, holder: '' }
  if (!row.wrappedDataKey) return untold
  try {
    const data = openData(deps, row)
    return { typeName: data.typeName, holder: statementHolder(data) }
  } catch (error) {
    if (!(error instanceof LicenceError) || error.code !== 'LICENCE_CONTENT_DAMAGED') throw error
    deps.log.error('a licence in a list cannot be opened', { identifier: row.identifier, error })
    return untold
  }
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

export const formatCursor = (sequence: bigint): string => Buffer.from(sequence.toString()).toString('base64url')

/** The place in a list that a cursor names. Throws LICENCE_CURSOR_INVALID. */
export function parseCursor(cursor: string): bigint {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  if (!/^[1-9]\d{0,17}$/.test(text)) throw cursorRefused()
  return BigInt(text)
}
