// What the supervision looks at: each function reads the record once for one rule.
import type { Queryable, Transaction } from '../../platform/index.ts'
import type { KeptSeal, QuotaCount, RefusalCount, UseCount } from '../domain/supervision.ts'

interface OfSeal {
  readonly sealId: string
  readonly departmentCode: string
}

const ofSeal = 's.id as "sealId", s.department_code as "departmentCode"'

export function listWaitingReviews(db: Queryable): Promise<(OfSeal & { readonly since: Date })[]> {
  return db.query(`select ${ofSeal}, state_changed_at as since from seal.seals s where state = 'applied'`)
}

/** Finished uses within a time, by seal, caller and minute. */
export async function countUses(db: Queryable, from: Date, until: Date): Promise<UseCount[]> {
  return db.query<UseCount>(
    `select ${ofSeal}, u."callerId", u.minute, u.times from seal.seals s cross join lateral (
       select caller_id as "callerId", date_trunc('minute', at) as minute, count(*)::integer as times from seal.seal_uses
       where seal_id = s.id and at >= $1 and at < $2 and phase = 'sealed' group by 1, 2) u`,
    [from, until],
  )
}

/** Quotas of a day (Asia/Shanghai) of which something is spent. */
export function countQuotas(db: Queryable, day: string): Promise<QuotaCount[]> {
  return db.query<QuotaCount>(
    `select ${ofSeal}, a.authorisation_id::text as "authorisationId", c.kind, c.day::text as day, a.per_day as "perDay", c.taken_on_day as taken
     from seal.authorisation_counts c join seal.authorisations a on a.authorisation_id = c.authorisation_id and a.per_day is not null
       join seal.seals s on s.id = a.seal_id
     where c.day = $1::date and a.ended_at is null`,
    [day],
  )
}

/** Refusals of these days. */
export function countRefusals(db: Queryable, days: readonly string[]): Promise<RefusalCount[]> {
  return db.query<RefusalCount>(
    `select r.day::text as day, r.caller_id as "callerId", r.caller_department as "callerDepartment", r.code, r.seal_id as "sealId",
       s.department_code as "departmentCode", r.type_code as "typeCode", r.times::integer as times
     from seal.refusals r left join seal.seals s on s.id = r.seal_id where r.day = any($1::date[])`,
    [days],
  )
}

/** Puts a refusal on record, counted with those alike of its day. */
export async function recordRefusal(
  db: Queryable,
  refusal: Omit<RefusalCount, 'times' | 'departmentCode'>,
  at: Date,
): Promise<void> {
  await db.query(
    `insert into seal.refusals as r (day, caller_id, caller_department, code, seal_id, type_code, times, first_at, last_at)
     values ($1, $2, $3, $4, $5, $6, 1, $7, $7)
     on conflict (day, caller_id, caller_department, code, seal_id, type_code) do update
       set times = r.times + 1, last_at = greatest(r.last_at, $7)`,
    [refusal.day, refusal.callerId, refusal.callerDepartment, refusal.code, refusal.sealId, refusal.typeCode, at],
  )
}

/** Seals that somebody must keep. */
export function listKept(db: Queryable): Promise<KeptSeal[]> {
  return db.query<KeptSeal>(
    `select ${ofSeal}, keeper_id as "keeperId", coalesce(accepted_at, created_at) as since from seal.seals s
     where state in ('issued', 'active', 'suspended')`,
  )
}

/** Seals in use that end before a time. */
export function listEnding(db: Queryable, before: Date): Promise<(OfSeal & { readonly validUntil: Date })[]> {
  return db.query(
    `select ${ofSeal}, valid_until as "validUntil" from seal.seals s where state in ('issued', 'active', 'suspended') and valid_until < $1`,
    [before],
  )
}

/** Filings that nobody has taken yet. */
export function listOpenFilings(
  db: Queryable,
): Promise<(OfSeal & { readonly orderId: string; readonly since: Date; readonly fault: string })[]> {
  return db.query(
    `select ${ofSeal}, o.order_id::text as "orderId", o.ordered_at as since, coalesce(o.last_fault, '') as fault
     from seal.filing_orders o join seal.seals s on s.id = o.seal_id where o.state = 'waiting'`,
  )
}

/** The row that waits longest to be linked, how long it waits by the database's clock, and how many there are. */
export async function findUnlinked(
  db: Queryable,
): Promise<{ readonly id: string; readonly waitedMs: number; readonly count: number } | undefined> {
  const [row] = await db.query<{ id: string | null; waitedMs: number | null; count: number }>(
    `select min(pending_id)::text as id, (extract(epoch from clock_timestamp() - min(noted_at)) * 1000)::float8 as "waitedMs",
       count(*)::integer as count
     from seal.ledger_pending`,
  )
  if (!row || row.id === null || row.waitedMs === null) return undefined
  return { id: row.id, waitedMs: row.waitedMs, count: row.count }
}

/** Until when uses were looked at; undefined before the first time. */
export async function readRun(db: Queryable): Promise<Date | undefined> {
  const rows = await db.query<{ until: Date }>('select uses_until as until from seal.supervision_runs')
  return rows[0]?.until
}

/** A later time alone is kept: of two processes the one that is further. */
export async function recordRun(db: Queryable | Transaction, until: Date): Promise<void> {
  await db.query(
    `insert into seal.supervision_runs (uses_until) values ($1)
     on conflict (only_row) do update set uses_until = greatest(seal.supervision_runs.uses_until, $1)`,
    [until],
  )
}
