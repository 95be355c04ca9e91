import type { Queryable } from '../../platform/index.ts'

/** A use that waits for a second person, or what became of it. */
export interface UseRequest {
  readonly id: string
  readonly sealId: string
  readonly authorisationId: string
  readonly identifier: string
  /** Code of the licence type or template, or `documents`. */
  readonly purpose: string
  /** SHA-256 of what is to be sealed. */
  readonly unsignedDigest: Uint8Array
  readonly callerId: string
  readonly callerDepartment: string
  readonly requestedAt: Date
  readonly expiresAt: Date
  readonly decision: 'approved' | 'refused' | 'expired' | null
  readonly decidedAt: Date | null
  readonly decidedBy: string | null
  readonly reason: string | null
  /** The use that an approval was spent on. */
  readonly useId: string | null
}

/** Bytes enciphered under a key of their own, which the key store has wrapped. */
export interface WaitingDocument {
  readonly wrappedKey: Uint8Array
  readonly content: Uint8Array
}

const fields = `request_id as "id", seal_id as "sealId", authorisation_id::text as "authorisationId", identifier, purpose,
  unsigned_digest as "unsignedDigest", caller_id as "callerId", caller_department as "callerDepartment", requested_at as "requestedAt",
  expires_at as "expiresAt", decision, decided_at as "decidedAt", decided_by as "decidedBy", reason, use_id as "useId"`

interface UseKey {
  readonly sealId: string
  readonly identifier: string
  readonly digest: Uint8Array
}

/** Requests of one caller about these documents that wait, are refused, or are approved and not used; held until the transaction is done. */
export async function holdOpenRequests(
  tx: Queryable,
  keys: readonly UseKey[],
  callerId: string,
): Promise<UseRequest[]> {
  return tx.query<UseRequest>(
    `select ${fields} from seal.use_requests
     where (seal_id, identifier, unsigned_digest) in (select * from unnest($1::text[], $2::text[], $3::bytea[]))
       and caller_id = $4 and decision is distinct from 'expired' and use_id is null
     order by request_id for update`,
    [
      keys.map(({ sealId }) => sealId),
      keys.map(({ identifier }) => identifier),
      keys.map(({ digest }) => digest),
      callerId,
    ],
  )
}

/** Records requests with what is to be sealed; one that another call was first with stays as it is. */
export async function insertUseRequests(
  tx: Queryable,
  requests: readonly (UseRequest & { readonly document: WaitingDocument })[],
): Promise<void> {
  const inserted = await tx.query<{ request_id: string }>(
    `insert into seal.use_requests
       (request_id, seal_id, authorisation_id, identifier, purpose, unsigned_digest, caller_id, caller_department, requested_at, expires_at)
     select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::text[],
       $9::timestamptz[], $10::timestamptz[])
     on conflict do nothing returning request_id`,
    [
      requests.map(({ id }) => id),
      requests.map(({ sealId }) => sealId),
      requests.map(({ authorisationId }) => authorisationId),
      requests.map(({ identifier }) => identifier),
      requests.map(({ purpose }) => purpose),
      requests.map(({ unsignedDigest }) => unsignedDigest),
      requests.map(({ callerId }) => callerId),
      requests.map(({ callerDepartment }) => callerDepartment),
      requests.map(({ requestedAt }) => requestedAt),
      requests.map(({ expiresAt }) => expiresAt),
    ],
  )
  const first = new Set(inserted.map(({ request_id }) => request_id))
  const kept = requests.filter(({ id }) => first.has(id))
  await tx.query(
    `insert into seal.use_request_documents (request_id, wrapped_key, content)
     select * from unnest($1::uuid[], $2::bytea[], $3::bytea[])`,
    [
      kept.map(({ id }) => id),
      kept.map(({ document }) => document.wrappedKey),
      kept.map(({ document }) => document.content),
    ],
  )
}

/** Spends approvals on the uses they allow. */
export async function spendApprovals(
  tx: Queryable,
  spent: readonly { readonly requestId: string; readonly useId: string }[],
): Promise<void> {
  await tx.query(
    `update seal.use_requests r set use_id = s.use_id from unnest($1::uuid[], $2::uuid[]) s (request_id, use_id)
     where r.request_id = s.request_id`,
    [spent.map(({ requestId }) => requestId), spent.map(({ useId }) => useId)],
  )
}

/** Closes requests whose time is over, approvals that nobody used too, and drops what waited with them; answers how many. */
export async function expireRequests(tx: Queryable, at: Date): Promise<number> {
  const rows = await tx.query(
    `with expired as (
       update seal.use_requests set decision = 'expired', decided_at = $1, decided_by = 'system:clock'
       where use_id is null and expires_at <= $1 and (decision is null or decision = 'approved') returning request_id),
     dropped as (delete from seal.use_request_documents where request_id in (select request_id from expired))
     select request_id from expired`,
    [at],
  )
  return rows.length
}

/** A request, held where `hold` says so. */
export async function findUseRequest(db: Queryable, id: string, hold = false): Promise<UseRequest | undefined> {
  const rows = await db.query<UseRequest>(
    `select ${fields} from seal.use_requests where request_id = $1 ${hold ? 'for update' : ''}`,
    [id],
  )
  return rows[0]
}

/** Records the decision on a request that waits. What was to be sealed is dropped. */
export async function recordDecision(
  tx: Queryable,
  id: string,
  decided: {
    readonly decision: 'approved' | 'refused'
    readonly at: Date
    readonly by: string
    readonly reason: string | null
  },
): Promise<void> {
  await tx.query(
    `update seal.use_requests set decision = $2, decided_at = $3, decided_by = $4, reason = $5 where request_id = $1`,
    [id, decided.decision, decided.at, decided.by, decided.reason],
  )
  await tx.query(`delete from seal.use_request_documents where request_id = $1`, [id])
}

export async function findWaitingDocument(db: Queryable, id: string): Promise<WaitingDocument | undefined> {
  const rows = await db.query<WaitingDocument>(
    `select wrapped_key as "wrappedKey", content from seal.use_request_documents where request_id = $1`,
    [id],
  )
  return rows[0]
}

/** Requests about the seals of one department, newest first; `open`: only those that wait. */
export async function listUseRequests(
  db: Queryable,
  which: { readonly departmentCode: string; readonly open: boolean; readonly at: Date; readonly limit: number },
): Promise<UseRequest[]> {
  return db.query<UseRequest>(
    `select ${fields} from seal.use_requests r
     where exists (select from seal.seals s where s.id = r.seal_id and s.department_code = $1)
       and (not $2::boolean or (decision is null and expires_at > $3))
     order by requested_at desc, request_id limit $4`,
    [which.departmentCode, which.open, which.at, which.limit],
  )
}
