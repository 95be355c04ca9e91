// Orders of the seal service to seal anew, as they are worked off here.
import type { Queryable } from '../../platform/index.ts'
import type { RecordedCaller } from './licences.ts'

export interface ResealWork {
  readonly resealId: string
  readonly caller: RecordedCaller
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly done: number
  /** The document behind which the next round goes on; null: at the first. */
  readonly wentTo: string | null
}

/** A document that got no successor here, and the code of why. */
export interface ResealRefusal {
  readonly useId: string
  readonly identifier: string
  readonly fault: string
}

const columns = `reseal_id as "resealId", caller, started_at as "startedAt", ended_at as "endedAt", went_to as "wentTo",
  (select count(*)::integer from licence.reseal_outcomes o where o.reseal_id = w.reseal_id and o.successor is not null) as done`

/** Begins, or begins again with what was refused before. */
export async function startWork(tx: Queryable, work: Omit<ResealWork, 'endedAt' | 'done' | 'wentTo'>): Promise<void> {
  await tx.query(
    `insert into licence.reseal_works (reseal_id, department_code, caller, started_at) values ($1, $2, $3, $4)
     on conflict (reseal_id) do update set ended_at = null, went_to = null, department_code = excluded.department_code, caller = excluded.caller`,
    [work.resealId, work.caller.departmentCode, JSON.stringify(work.caller), work.startedAt],
  )
  await tx.query('delete from licence.reseal_outcomes where reseal_id = $1 and fault is not null', [work.resealId])
}

export async function findWork(
  db: Queryable,
  resealId: string,
  departmentCode: string,
): Promise<ResealWork | undefined> {
  const rows = await db.query<ResealWork>(
    `select ${columns} from licence.reseal_works w where reseal_id = $1 and department_code = $2`,
    [resealId, departmentCode],
  )
  return rows[0]
}

export const listWorks = (db: Queryable): Promise<ResealWork[]> =>
  db.query<ResealWork>(`select ${columns} from licence.reseal_works w where ended_at is null order by started_at`)

/** The first thousand, for people. */
export const listRefusals = (db: Queryable, resealId: string): Promise<ResealRefusal[]> =>
  db.query<ResealRefusal>(
    'select use_id as "useId", identifier, fault from licence.reseal_outcomes where reseal_id = $1 and fault is not null order by identifier limit 1000',
    [resealId],
  )

/** All uses whose documents are not tried again before somebody begins anew. */
export async function refusedUses(db: Queryable, resealId: string): Promise<Set<string>> {
  const rows = await db.query<{ useId: string }>(
    'select use_id as "useId" from licence.reseal_outcomes where reseal_id = $1 and fault is not null',
    [resealId],
  )
  return new Set(rows.map(({ useId }) => useId))
}

/** Where the next round of an order goes on. */
export async function markPlace(db: Queryable, resealId: string, wentTo: string | null): Promise<void> {
  await db.query('update licence.reseal_works set went_to = $2 where reseal_id = $1', [resealId, wentTo])
}

/** Records what became of a document; of two processes at one, the first. */
export async function recordOutcome(
  db: Queryable,
  resealId: string,
  item: { readonly useId: string; readonly identifier: string; readonly successor?: string; readonly fault?: string },
): Promise<void> {
  await db.query(
    `insert into licence.reseal_outcomes (reseal_id, use_id, identifier, successor, fault) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [resealId, item.useId, item.identifier, item.successor ?? null, item.fault ?? null],
  )
}

export async function endWork(db: Queryable, resealId: string, at: Date): Promise<void> {
  await db.query('update licence.reseal_works set ended_at = $2 where reseal_id = $1 and ended_at is null', [
    resealId,
    at,
  ])
}
