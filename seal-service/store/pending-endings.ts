import type { Queryable } from '../../platform/index.ts'
import type { Ending, EndingAction } from '../domain/seal-ending.ts'

/** An ending that is ordered for later. */
export interface PendingEnding {
  readonly id: bigint
  readonly sealId: string
  readonly action: EndingAction
  readonly reason: string
  readonly detail: Pick<Ending, 'reasonCode' | 'legalBasis'>
  readonly effectiveAt: Date
  readonly callerId: string
  readonly callerName: string
  readonly callerDepartment: string
}

const columns = `pending_id as id, seal_id as "sealId", action, reason, detail, effective_at as "effectiveAt", caller_id as "callerId",
  caller_name as "callerName", caller_department as "callerDepartment"`
const isOpen = 'done_at is null and dropped_at is null'

export async function insertPendingEnding(db: Queryable, ending: Omit<PendingEnding, 'id'>, at: Date): Promise<void> {
  await db.query(
    `insert into seal.pending_actions (seal_id, action, reason, detail, effective_at, caller_id, caller_name, caller_department, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ending.sealId,
      ending.action,
      ending.reason,
      JSON.stringify(ending.detail),
      ending.effectiveAt,
      ending.callerId,
      ending.callerName,
      ending.callerDepartment,
      at,
    ],
  )
}

export async function findPendingEnding(db: Queryable, sealId: string): Promise<PendingEnding | undefined> {
  const rows = await db.query<PendingEnding>(
    `select ${columns} from seal.pending_actions where seal_id = $1 and ${isOpen}`,
    [sealId],
  )
  return rows[0]
}

/** From when the ordered endings of these seals count. */
export function listEndingTimes(
  db: Queryable,
  sealIds: readonly string[],
): Promise<Pick<PendingEnding, 'sealId' | 'effectiveAt'>[]> {
  return db.query(
    `select seal_id as "sealId", effective_at as "effectiveAt" from seal.pending_actions where seal_id = any($1) and ${isOpen}`,
    [sealIds],
  )
}

/** Endings whose time has come, the earliest first. */
export function listDueEndings(db: Queryable, now: Date): Promise<PendingEnding[]> {
  return db.query<PendingEnding>(
    `select ${columns} from seal.pending_actions where ${isOpen} and effective_at <= $1 order by effective_at, pending_id`,
    [now],
  )
}

/** Whether it was still to be done; it is done, or dropped, from then on. */
export async function closePendingEnding(
  db: Queryable,
  id: bigint,
  how: 'done' | 'dropped',
  at: Date,
): Promise<boolean> {
  const column = how === 'done' ? 'done_at' : 'dropped_at'
  const rows = await db.query(
    `update seal.pending_actions set ${column} = $2 where pending_id = $1 and ${isOpen} returning pending_id`,
    [id, at],
  )
  return rows.length === 1
}
