// Orders: what was asked for in the life of a licence and has not taken effect yet, or never did.
import type { Queryable } from '../../platform/index.ts'
import type { EntryCause, LifeAction } from '../domain/life-policy.ts'
import type { RecordedCaller } from './licences.ts'

export const openOrderStates = ['awaiting approval', 'scheduled', 'offered'] as const
export const orderStates = [...openOrderStates, 'done', 'refused', 'dropped', 'void'] as const
export type OpenOrderState = (typeof openOrderStates)[number]
export type OrderState = (typeof orderStates)[number]

export interface ActOrder {
  readonly orderId: string
  readonly identifier: string
  readonly typeCode: string
  /** That has the licence. */
  readonly departmentCode: string
  readonly action: LifeAction
  readonly state: OrderState
  readonly cause: EntryCause | null
  /** That a licence is transferred to. */
  readonly toDepartment: string | null
  /** Reason, legal basis and data, under the licence's data key. */
  readonly sealedOrder: Uint8Array
  /** From when it holds; null: from its approval. */
  readonly effectiveAt: Date | null
  readonly caller: RecordedCaller
  readonly askedAt: Date
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  readonly settledAt: Date | null
  readonly successor: string | null
  /** The code of what made it void. */
  readonly fault: string | null
}

const columns = `order_id as "orderId", identifier, type_code as "typeCode", department_code as "departmentCode", action, state, cause,
  to_department as "toDepartment", sealed_order as "sealedOrder", effective_at as "effectiveAt", caller, asked_at as "askedAt",
  decided_by as "decidedBy", decided_at as "decidedAt", settled_at as "settledAt", successor, fault`

export type NewOrder = Omit<ActOrder, 'decidedBy' | 'decidedAt' | 'settledAt' | 'successor' | 'fault'>

/** Puts an order on record; false while another one of the licence stands. */
export async function insertOrder(tx: Queryable, order: NewOrder): Promise<boolean> {
  const rows = await tx.query(
    `insert into licence.act_orders (order_id, identifier, type_code, department_code, action, state, cause, to_department, sealed_order,
       effective_at, caller, asked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (identifier) where settled_at is null do nothing
     returning order_id`,
    [
      order.orderId,
      order.identifier,
      order.typeCode,
      order.departmentCode,
      order.action,
      order.state,
      order.cause,
      order.toDepartment,
      order.sealedOrder,
      order.effectiveAt,
      JSON.stringify(order.caller),
      order.askedAt,
    ],
  )
  return rows.length === 1
}

export async function findOrder(db: Queryable, orderId: string): Promise<ActOrder | undefined> {
  return (await db.query<ActOrder>(`select ${columns} from licence.act_orders where order_id = $1`, [orderId]))[0]
}

/** The order of a licence that stands. Whoever changes it holds the licence's row. */
export async function findOpenOrder(db: Queryable, identifier: string): Promise<ActOrder | undefined> {
  const rows = await db.query<ActOrder>(
    `select ${columns} from licence.act_orders where identifier = $1 and settled_at is null`,
    [identifier],
  )
  return rows[0]
}

/** Records the approval of an order that waits for one; false where it does not. */
export async function approveOrder(
  tx: Queryable,
  orderId: string,
  approval: {
    readonly by: string
    readonly at: Date
    readonly state: OpenOrderState
    readonly effectiveAt: Date | null
  },
): Promise<boolean> {
  const rows = await tx.query(
    `update licence.act_orders set state = $2, effective_at = $3, decided_by = $4, decided_at = $5
     where order_id = $1 and state = 'awaiting approval' returning order_id`,
    [orderId, approval.state, approval.effectiveAt, approval.by, approval.at],
  )
  return rows.length === 1
}

/** What became of an order. */
export interface Settlement {
  readonly state: Exclude<OrderState, OpenOrderState>
  readonly at: Date
  /** Who refused or dropped it. */
  readonly by?: string
  readonly successor?: string
  readonly fault?: string
  /** Why it was refused or dropped, under the licence's data key; null where that is gone. */
  readonly sealedNote?: Uint8Array | null
}

/** Ends an order; false where it had ended. */
export async function settleOrder(tx: Queryable, orderId: string, settlement: Settlement): Promise<boolean> {
  const { state, at, by, successor, fault, sealedNote } = settlement
  const rows = await tx.query(
    `update licence.act_orders set state = $2, settled_at = $3, successor = $4, fault = $5, sealed_note = $7,
       decided_by = coalesce($6, decided_by), decided_at = case when $6::text is null then decided_at else $3 end
     where order_id = $1 and settled_at is null returning order_id`,
    [orderId, state, at, successor ?? null, fault ?? null, by ?? null, sealedNote ?? null],
  )
  return rows.length === 1
}

/** Orders whose time has come: those that were tried longest ago first. */
export const listDueOrders = (db: Queryable, now: Date, limit: number): Promise<ActOrder[]> =>
  db.query<ActOrder>(
    `select ${columns} from licence.act_orders where state = 'scheduled' and effective_at <= $1
     order by tried_at nulls first, effective_at limit $2`,
    [now, limit],
  )

/** Orders of these licences whose time has come, and that have not been carried out. */
export const findDueOrders = (db: Queryable, identifiers: readonly string[], now: Date): Promise<ActOrder[]> =>
  db.query<ActOrder>(
    `select ${columns} from licence.act_orders
     where identifier = any($1) and settled_at is null and state = 'scheduled' and effective_at <= $2`,
    [identifiers, now],
  )

/** An order that could not be carried out goes behind the others. */
export async function markTried(db: Queryable, orderId: string, at: Date): Promise<void> {
  await db.query(`update licence.act_orders set tried_at = $2 where order_id = $1 and state = 'scheduled'`, [
    orderId,
    at,
  ])
}

export interface OrderFilter {
  /** Whose licences, or to whom they are transferred. */
  readonly departmentCodes: readonly string[]
  readonly states: readonly OrderState[]
  readonly before?: { readonly askedAt: Date; readonly orderId: string } | undefined
  readonly limit: number
}

/** Orders, the newest first. */
export const listOrders = (
  db: Queryable,
  { departmentCodes, states, before, limit }: OrderFilter,
): Promise<ActOrder[]> =>
  db.query<ActOrder>(
    `select ${columns} from licence.act_orders
     where (department_code = any($1) or to_department = any($1)) and state = any($2)
       and ($3::timestamptz is null or (asked_at, order_id) < ($3, $4::uuid))
     order by asked_at desc, order_id desc limit $5`,
    [departmentCodes, states, before?.askedAt ?? null, before?.orderId ?? null, limit],
  )

/** Puts a licence away; its document is to be provable for good. */
export async function markArchived(tx: Queryable, identifier: string, at: Date): Promise<void> {
  await tx.query(
    `update licence.licences set archived_at = $2, target_level = case when document_blob is null then target_level else 'B-LTA' end
     where identifier = $1`,
    [identifier, at],
  )
}

/** Licences of a type made here that ended before an instant, or whose last day was before a day, in the order of their identifiers. */
export async function listToArchive(
  db: Queryable,
  due: { typeCode: string; before: Date; lastDay: string; after: string; limit: number },
): Promise<string[]> {
  const rows = await db.query<{ identifier: string }>(
    `select identifier from (
       select l.identifier from licence.licences l
       where l.type_code = $1 and l.archived_at is null and l.collected_from is null and l.identifier > $4
         and l.state in ('revoked', 'withdrawn', 'cancelled', 'transferred', 'superseded')
         and not exists (select from licence.register_entries e where e.identifier = l.identifier and e.recorded_at >= $2)
       union all
       select l.identifier from licence.licences l
       where l.type_code = $1 and l.archived_at is null and l.collected_from is null and l.identifier > $4
         and l.state in ('in force', 'suspended') and l.valid_until < $3
     ) due order by identifier limit $5`,
    [due.typeCode, due.before, due.lastDay, due.after, due.limit],
  )
  return rows.map(({ identifier }) => identifier)
}
