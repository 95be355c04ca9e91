import type { Queryable } from '../../platform/index.ts'

/** A document that waits to be issued, named within its department by a keyed hash of its digest. */
export interface WaitingBody {
  readonly departmentCode: string
  readonly digestMac: Uint8Array
  readonly bytes: number
  readonly wrappedDataKey: Uint8Array
  readonly blob: string
  readonly addedBy: string
  readonly addedAt: Date
  /** When it is forgotten, unless it is handed in or needed again. */
  readonly forgottenAt: Date
}

/** Puts a document on record; one that is there already keeps its key and blob and is forgotten later. */
export async function putWaitingBody(tx: Queryable, body: WaitingBody): Promise<WaitingBody> {
  const { departmentCode, digestMac, bytes, wrappedDataKey, blob, addedBy, addedAt, forgottenAt } = body
  const [row] = await tx.query<WaitingBody>(
    `insert into licence.waiting_bodies as b (department_code, digest_mac, bytes, wrapped_data_key, blob, added_by, added_at, forgotten_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (department_code, digest_mac) do update set forgotten_at = greatest(b.forgotten_at, excluded.forgotten_at)
     returning ${columns}`,
    [departmentCode, digestMac, bytes, wrappedDataKey, blob, addedBy, addedAt, forgottenAt],
  )
  return row!
}

const columns = `department_code as "departmentCode", digest_mac as "digestMac", bytes, wrapped_data_key as "wrappedDataKey", blob,
  added_by as "addedBy", added_at as "addedAt", forgotten_at as "forgottenAt"`

export async function findWaitingBody(
  db: Queryable,
  departmentCode: string,
  digestMac: Uint8Array,
): Promise<WaitingBody | undefined> {
  const [row] = await db.query<WaitingBody>(
    `select ${columns} from licence.waiting_bodies where department_code = $1 and digest_mac = $2`,
    [departmentCode, digestMac],
  )
  return row
}

/** Documents of a department are counted and put on record one after the other. */
export const lockWaitingBodies = async (tx: Queryable, departmentCode: string): Promise<void> =>
  void (await tx.query(`select pg_advisory_xact_lock(hashtext('licence.waiting_bodies ' || $1))`, [departmentCode]))

/** Octets of the documents of a department that wait. */
export async function waitingBytes(db: Queryable, departmentCode: string): Promise<number> {
  const [row] = await db.query<{ bytes: bigint }>(
    'select coalesce(sum(bytes), 0)::bigint as bytes from licence.waiting_bodies where department_code = $1',
    [departmentCode],
  )
  return Number(row!.bytes)
}

/** Keeps a document that waits until then at least; answers until when, undefined where it does not wait. */
export async function keepWaitingBody(
  tx: Queryable,
  departmentCode: string,
  digestMac: Uint8Array,
  until: Date,
): Promise<Date | undefined> {
  const [row] = await tx.query<{ forgottenAt: Date }>(
    `update licence.waiting_bodies set forgotten_at = greatest(forgotten_at, $3)
     where department_code = $1 and digest_mac = $2 returning forgotten_at as "forgottenAt"`,
    [departmentCode, digestMac, until],
  )
  return row?.forgottenAt
}

/** Forgets a document before its time, its data key with it. */
export async function forgetWaitingBody(
  tx: Queryable,
  departmentCodes: readonly string[],
  digestMac: Uint8Array,
): Promise<void> {
  await tx.query('delete from licence.waiting_bodies where department_code = any($1::text[]) and digest_mac = $2', [
    departmentCodes,
    digestMac,
  ])
}

/** Forgets what nobody needed in time, its data key with it; answers how many. The blobs are swept by age. */
export async function forgetWaitingBodies(tx: Queryable, now: Date): Promise<number> {
  return (await tx.query('delete from licence.waiting_bodies where forgotten_at <= $1 returning 1', [now])).length
}

/** Whether a document that waits is kept in a blob. */
export const isWaitingBlob = async (db: Queryable, blob: string): Promise<boolean> =>
  (await db.query('select 1 from licence.waiting_bodies where blob = $1 limit 1', [blob])).length > 0
