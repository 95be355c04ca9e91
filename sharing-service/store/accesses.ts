import type { Queryable } from '../../platform/index.ts'

export type AccessKind = 'search' | 'data' | 'file' | 'file-check' | 'data-check' | 'qr-check' | 'prefill'

/** One call on record, its reason still sealed. */
export interface AccessRow {
  readonly access: bigint
  readonly at: Date
  readonly what: AccessKind
  readonly callerId: string
  readonly callerKind: 'person' | 'machine'
  readonly departmentCode: string
  readonly matterCode: string
  readonly keyMonth: string
  readonly sealedReason: Uint8Array
  readonly typeCode: string | null
  readonly identifier: string | null
  readonly fields: readonly string[]
  /** `given`, `nothing`, `check:0` … `check:6`, or why it was refused. */
  readonly answer: string
  readonly agreementId: string | null
}

/** Adds a call with the keyed hashes (hexadecimal) of whose data it was about. */
export async function insertAccess(
  db: Queryable,
  row: Omit<AccessRow, 'access'>,
  holderKeys: readonly string[],
): Promise<void> {
  await db.query(
    `with added as (
       insert into sharing.accesses (at, what, caller_id, caller_kind, department_code, matter_code, key_month, sealed_reason, type_code,
         identifier, fields, answer, agreement_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning at, access)
     insert into sharing.access_holders (holder_mac, at, access)
     select decode(holder, 'hex'), added.at, added.access from added, unnest($14::text[]) holder`,
    [
      row.at,
      row.what,
      row.callerId,
      row.callerKind,
      row.departmentCode,
      row.matterCode,
      row.keyMonth,
      row.sealedReason,
      row.typeCode,
      row.identifier,
      row.fields,
      row.answer,
      row.agreementId,
      [...new Set(holderKeys)],
    ],
  )
}

const columns = `a.access, a.at, a.what, a.caller_id as "callerId", a.caller_kind as "callerKind",
  a.department_code as "departmentCode", a.matter_code as "matterCode", a.key_month as "keyMonth",
  a.sealed_reason as "sealedReason", a.type_code as "typeCode", a.identifier, a.fields, a.answer, a.agreement_id as "agreementId"`

/** A place in a list that goes back in time. */
export interface AccessPlace {
  readonly at: Date
  readonly access: bigint
}

/** The newest place there can be. */
const NEWEST: AccessPlace = { at: new Date('9999-12-31T00:00:00Z'), access: 0n }

/** Calls about a holder, newest first, before a place. */
export const listAccessesOf = (
  db: Queryable,
  holderKey: string,
  before: AccessPlace = NEWEST,
  most: number,
): Promise<AccessRow[]> =>
  db.query<AccessRow>(
    `select ${columns} from (
       select at, access from sharing.access_holders where holder_mac = decode($1, 'hex') and (at, access) < ($2, $3)
       order by at desc, access desc limit $4) h
     join sharing.accesses a on a.at = h.at and a.access = h.access order by a.at desc, a.access desc`,
    [holderKey, before.at, before.access, most],
  )

/** Calls of some departments, newest first, before a place. */
export const listAccessesBy = (
  db: Queryable,
  departmentCodes: readonly string[],
  before: AccessPlace = NEWEST,
  most: number,
): Promise<AccessRow[]> =>
  db.query<AccessRow>(
    `select ${columns} from sharing.accesses a where a.department_code = any($1) and (a.at, a.access) < ($2, $3)
     order by a.at desc, a.access desc limit $4`,
    [departmentCodes, before.at, before.access, most],
  )

/** The wrapped key of a month; the one given where there is none yet. */
export async function keyOfMonth(db: Queryable, month: string, fresh: Uint8Array | null): Promise<Uint8Array | null> {
  if (fresh)
    await db.query('insert into sharing.access_keys (month, wrapped_key) values ($1, $2) on conflict do nothing', [
      month,
      fresh,
    ])
  const rows = await db.query<{ wrappedKey: Uint8Array }>(
    'select wrapped_key as "wrappedKey" from sharing.access_keys where month = $1',
    [month],
  )
  return rows[0]?.wrappedKey ?? null
}

/** Makes the partitions of these months (`YYYY-MM-01`), as far as they are not there. */
export async function makeMonths(db: Queryable, months: readonly string[]): Promise<void> {
  await db.query('select sharing.add_access_month(month) from unnest($1::date[]) month', [months])
}

/** Drops what lies wholly before a time, month by month, with its keys; answers how many months went. */
export async function dropMonths(db: Queryable, before: Date): Promise<number> {
  const [row] = await db.query<{ dropped: number }>('select sharing.drop_access_months($1) as dropped', [before])
  return row!.dropped
}
