import type { Queryable } from '../../platform/index.ts'
import type { Level } from '../domain/level.ts'
import type { Caller } from '../domain/seal-policy.ts'

export type DocumentState = 'waiting' | 'sealed' | 'refused'

/** Documents handed in by one call. */
export interface DocumentOrder {
  readonly id: string
  readonly sealId: string
  readonly caller: Caller
  readonly departmentCode: string
  /** The caller's Idempotency-Key. */
  readonly key: string
  readonly requestDigest: Uint8Array
  readonly isBatch: boolean
  readonly createdAt: Date
}

/** Bytes that are kept enciphered in the blob store. */
export interface KeptBytes {
  readonly blobDigest: string
  readonly wrappedKey: Uint8Array
  /** Null: until somebody removes them. */
  readonly until: Date | null
}

/** An official document handed in to be sealed. */
export interface DocumentRecord {
  readonly id: string
  readonly orderId: string
  readonly position: number
  readonly sealId: string
  readonly departmentCode: string
  readonly name: string
  readonly purpose: string
  readonly unsignedDigest: Uint8Array
  readonly sizeBytes: number
  /** JSON. */
  readonly terms: unknown
  readonly state: DocumentState
  readonly stateChangedAt: Date
  readonly attempts: number
  readonly refusal: { readonly code: string; readonly detail: string } | null
  readonly useId: string | null
  readonly level: Level | null
  readonly shortfall: string | null
  readonly kept: KeptBytes | null
}

interface OrderRow {
  order_id: string
  seal_id: string
  caller: Caller
  department_code: string
  request_key: string
  request_digest: Uint8Array
  is_batch: boolean
  created_at: Date
}

const orderColumns = 'order_id, seal_id, caller, department_code, request_key, request_digest, is_batch, created_at'

const toOrder = (row: OrderRow): DocumentOrder => ({
  id: row.order_id,
  sealId: row.seal_id,
  caller: row.caller,
  departmentCode: row.department_code,
  key: row.request_key,
  requestDigest: row.request_digest,
  isBatch: row.is_batch,
  createdAt: row.created_at,
})

interface DocumentRow {
  document_id: string
  order_id: string
  position: number
  seal_id: string
  department_code: string
  name: string
  purpose: string
  unsigned_digest: Uint8Array
  size_bytes: number
  terms: unknown
  state: DocumentState
  state_changed_at: Date
  attempts: number
  refusal_code: string | null
  refusal_detail: string | null
  use_id: string | null
  level: Level | null
  shortfall: string | null
  blob_digest: string | null
  wrapped_key: Uint8Array | null
  kept_until: Date | null
}

const columns = `document_id, order_id, position, seal_id, department_code, name, purpose, unsigned_digest, size_bytes, terms, state,
  state_changed_at, attempts, refusal_code, refusal_detail, use_id, level, shortfall, blob_digest, wrapped_key, kept_until`

const toDocument = (row: DocumentRow): DocumentRecord => ({
  id: row.document_id,
  orderId: row.order_id,
  position: row.position,
  sealId: row.seal_id,
  departmentCode: row.department_code,
  name: row.name,
  purpose: row.purpose,
  unsignedDigest: row.unsigned_digest,
  sizeBytes: row.size_bytes,
  terms: row.terms,
  state: row.state,
  stateChangedAt: row.state_changed_at,
  attempts: row.attempts,
  refusal: row.refusal_code === null ? null : { code: row.refusal_code, detail: row.refusal_detail ?? '' },
  useId: row.use_id,
  level: row.level,
  shortfall: row.shortfall,
  kept:
    row.blob_digest === null || row.wrapped_key === null
      ? null
      : { blobDigest: row.blob_digest, wrappedKey: row.wrapped_key, until: row.kept_until },
})

/** The order of a caller under a key. */
export async function findOrderByKey(db: Queryable, callerId: string, key: string): Promise<DocumentOrder | undefined> {
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from seal.document_orders where caller_id = $1 and request_key = $2`,
    [callerId, key],
  )
  return rows.map(toOrder)[0]
}

export async function findOrder(db: Queryable, id: string): Promise<DocumentOrder | undefined> {
  const rows = await db.query<OrderRow>(`select ${orderColumns} from seal.document_orders where order_id = $1`, [id])
  return rows.map(toOrder)[0]
}

/** Records an order with its documents; false when another request under the same key was first. */
export async function insertOrder(
  db: Queryable,
  order: DocumentOrder,
  documents: readonly DocumentRecord[],
): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.document_orders
       (order_id, seal_id, caller, caller_id, department_code, request_key, request_digest, is_batch, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (caller_id, request_key) do nothing returning order_id`,
    [
      order.id,
      order.sealId,
      JSON.stringify(order.caller),
      order.caller.id,
      order.departmentCode,
      order.key,
      order.requestDigest,
      order.isBatch,
      order.createdAt,
    ],
  )
  if (rows.length === 0) return false
  for (const one of documents) {
    await db.query(
      `insert into seal.documents (${columns})
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
      [
        ...[
          one.id,
          one.orderId,
          one.position,
          one.sealId,
          one.departmentCode,
          one.name,
          one.purpose,
          one.unsignedDigest,
        ],
        ...[one.sizeBytes, JSON.stringify(one.terms), one.state, one.stateChangedAt, one.attempts],
        ...[one.refusal?.code ?? null, one.refusal?.detail ?? null, one.useId, one.level, one.shortfall],
        ...[one.kept?.blobDigest ?? null, one.kept?.wrappedKey ?? null, one.kept?.until ?? null],
      ],
    )
  }
  return true
}

export async function listDocumentsOfOrder(db: Queryable, orderId: string): Promise<DocumentRecord[]> {
  const rows = await db.query<DocumentRow>(
    `select ${columns} from seal.documents where order_id = $1 order by position`,
    [orderId],
  )
  return rows.map(toDocument)
}

export async function findDocument(db: Queryable, id: string): Promise<DocumentRecord | undefined> {
  const rows = await db.query<DocumentRow>(`select ${columns} from seal.documents where document_id = $1`, [id])
  return rows.map(toDocument)[0]
}

/** Those of a seal, newest first, 200 at most. */
export async function listDocumentsOfSeal(db: Queryable, sealId: string): Promise<DocumentRecord[]> {
  const rows = await db.query<DocumentRow>(
    `select ${columns} from seal.documents where seal_id = $1 order by state_changed_at desc, document_id limit 200`,
    [sealId],
  )
  return rows.map(toDocument)
}

export interface SealedResult {
  readonly useId: string
  readonly level: Level
  readonly shortfall: string | null
  readonly kept: KeptBytes | null
}

/** Records that a document is sealed; of several at once the first counts. */
export async function recordSealed(db: Queryable, id: string, result: SealedResult, at: Date): Promise<boolean> {
  const rows = await db.query(
    `update seal.documents set state = 'sealed', state_changed_at = $2, use_id = $3, level = $4, shortfall = $5, blob_digest = $6,
       wrapped_key = $7, kept_until = $8 where document_id = $1 and state = 'waiting' returning document_id`,
    [
      ...[id, at, result.useId, result.level, result.shortfall],
      ...[result.kept?.blobDigest ?? null, result.kept?.wrappedKey ?? null, result.kept?.until ?? null],
    ],
  )
  return rows.length === 1
}

/** Records why a document is not sealed, and forgets it. */
export async function recordRefused(
  db: Queryable,
  id: string,
  refusal: { readonly code: string; readonly detail: string },
  at: Date,
): Promise<void> {
  await db.query(
    `update seal.documents set state = 'refused', state_changed_at = $2, refusal_code = $3, refusal_detail = $4, blob_digest = null,
       wrapped_key = null, kept_until = null where document_id = $1 and state = 'waiting'`,
    [id, at, refusal.code, refusal.detail],
  )
}

export async function recordAttempts(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query(`update seal.documents set attempts = attempts + 1 where document_id = any($1)`, [ids])
}

/** Takes a batch with documents that wait, one that nobody works on; undefined when there is none. */
export async function takeBatch(db: Queryable, at: Date, until: Date): Promise<DocumentOrder | undefined> {
  const rows = await db.query<OrderRow>(
    `update seal.document_orders set taken_until = $2 where order_id = (
       select o.order_id from seal.document_orders o
       where o.is_batch and (o.taken_until is null or o.taken_until < $1)
         and exists (select 1 from seal.documents d where d.order_id = o.order_id and d.state = 'waiting')
       order by o.created_at, o.order_id limit 1 for update skip locked)
     returning ${orderColumns}`,
    [at, until],
  )
  return rows.map(toOrder)[0]
}

export async function holdBatch(db: Queryable, orderId: string, until: Date | null): Promise<void> {
  await db.query(`update seal.document_orders set taken_until = $2 where order_id = $1`, [orderId, until])
}

/** What waits of a batch, in order; what failed before comes last. */
export async function findWaiting(db: Queryable, orderId: string): Promise<DocumentRecord[]> {
  const rows = await db.query<DocumentRow>(
    `select ${columns} from seal.documents where order_id = $1 and state = 'waiting' order by attempts, position`,
    [orderId],
  )
  return rows.map(toDocument)
}

/** Forgets kept bytes whose time is over; answers their blobs. */
export async function forgetExpired(db: Queryable, at: Date): Promise<string[]> {
  const rows = await db.query<{ digest: string }>(
    `with gone as (select document_id, blob_digest from seal.documents
       where kept_until < $1 and state <> 'waiting' limit 1000 for update skip locked)
     update seal.documents d set blob_digest = null, wrapped_key = null, kept_until = null
     from gone where d.document_id = gone.document_id returning gone.blob_digest as digest`,
    [at],
  )
  return rows.map(({ digest }) => digest)
}

/** Forgets what is kept of one document; its blob, where there was one. */
export async function forgetKept(db: Queryable, id: string): Promise<string | undefined> {
  const rows = await db.query<{ digest: string }>(
    `with gone as (select document_id, blob_digest from seal.documents
       where document_id = $1 and state <> 'waiting' and blob_digest is not null for update)
     update seal.documents d set blob_digest = null, wrapped_key = null, kept_until = null
     from gone where d.document_id = gone.document_id returning gone.blob_digest as digest`,
    [id],
  )
  return rows[0]?.digest
}
