import type { Queryable } from '../../platform/index.ts'
import type { Seal, SealState } from '../domain/seal.ts'
import { type SealRow, sealColumns, toSeal } from './seals.ts'

/** Which seals are asked for; in the order of their codes. */
export interface SealQuery {
  readonly departmentCodes: readonly string[]
  readonly states?: readonly SealState[] | undefined
  /** Part of a name, or the beginning of a code. */
  readonly text?: string | undefined
  readonly keeperId?: string | undefined
  /** Code of the last one of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** A page of seals. */
export async function listSeals(db: Queryable, query: SealQuery): Promise<Seal[]> {
  const params: unknown[] = [query.departmentCodes]
  const conditions = ['s.department_code = any($1)']
  const add = (condition: (place: string) => string, value: unknown): void => {
    if (value === undefined) return
    params.push(value)
    conditions.push(condition(`$${params.length}`))
  }
  add((p) => `s.state = any(${p})`, query.states)
  add((p) => `(strpos(lower(s.name), lower(${p})) > 0 or starts_with(s.id, ${p}))`, query.text)
  add((p) => `s.keeper_id = ${p}`, query.keeperId)
  add((p) => `s.id > ${p}`, query.after)
  params.push(query.limit)
  const rows = await db.query<SealRow>(
    `select ${sealColumns} from seal.seals s where ${conditions.join(' and ')} order by s.id limit $${params.length}`,
    params,
  )
  return rows.map(toSeal)
}

/** Seals in these states that have been in them longest. */
export async function listWaiting(
  db: Queryable,
  departmentCodes: readonly string[],
  states: readonly SealState[],
  limit: number,
): Promise<Seal[]> {
  const rows = await db.query<SealRow>(
    `select ${sealColumns} from seal.seals s where s.department_code = any($1) and s.state = any($2)
     order by s.state_changed_at, s.id limit $3`,
    [departmentCodes, states, limit],
  )
  return rows.map(toSeal)
}

/** Seals that have ended and whose destruction is ordered. */
export async function listOrderedDestructions(
  db: Queryable,
  departmentCodes: readonly string[],
  limit: number,
): Promise<Seal[]> {
  const rows = await db.query<SealRow>(
    `select ${sealColumns} from seal.seals s
     where s.department_code = any($1) and s.state in ('collected', 'expired', 'replaced', 'revoked', 'withdrawn', 'cancelled')
       and exists (select 1 from seal.seal_events e where e.seal_id = s.id and e.action = 'order-destruction')
     order by s.state_changed_at, s.id limit $2`,
    [departmentCodes, limit],
  )
  return rows.map(toSeal)
}

/** Seals in use whose owner asked for further licence types, and nobody has decided. */
export async function listTypesOrdered(
  db: Queryable,
  departmentCodes: readonly string[],
  limit: number,
): Promise<Seal[]> {
  const rows = await db.query<SealRow>(
    `select ${sealColumns} from seal.seals s
     where s.department_code = any($1) and s.state in ('active', 'suspended')
       and (select e.action from seal.seal_events e
            where e.seal_id = s.id and e.action in ('order-types', 'change-types', 'refuse-types')
            order by e.id desc limit 1) = 'order-types'
       and exists (select 1 from seal.seal_events e where e.seal_id = s.id and e.action = 'order-types')
     order by s.id limit $2`,
    [departmentCodes, limit],
  )
  return rows.map(toSeal)
}

/** Codes of seals whose certificate has come to its end in a state that ends with it. */
export async function listExpired(db: Queryable, states: readonly SealState[], now: Date): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select s.id from seal.seals s where s.state = any($1) and s.valid_until <= $2 order by s.valid_until, s.id`,
    [states, now],
  )
  return rows.map(({ id }) => id)
}

/** Seals in a state, with the account that keeps them. */
export async function listKept(db: Queryable, state: SealState): Promise<Seal[]> {
  const rows = await db.query<SealRow>(
    `select ${sealColumns} from seal.seals s where s.state = $1 and s.keeper_id is not null order by s.id`,
    [state],
  )
  return rows.map(toSeal)
}

/** A seal that waits too long, or whose certificate ends soon. */
export interface Overdue {
  readonly seal: Seal
  readonly remindedAt: Date | null
}

/** Seals in these states that left none since their time, with when they were last spoken of in it. */
export async function listForReminders(
  db: Queryable,
  { states, changedBefore }: { readonly states: readonly SealState[]; readonly changedBefore: readonly Date[] },
): Promise<Overdue[]> {
  const rows = await db.query<SealRow & { reminded_at: Date | null }>(
    `select ${sealColumns}, (select max(e.at) from seal.seal_events e
         where e.seal_id = s.id and e.action = 'remind' and e.at >= s.state_changed_at) as reminded_at
     from seal.seals s join unnest($1::text[], $2::timestamptz[]) d(state, before) on d.state = s.state
     where s.state_changed_at <= d.before order by s.id`,
    [states, changedBefore],
  )
  return rows.map((row) => ({ seal: toSeal(row), remindedAt: row.reminded_at }))
}

/** Seals in use whose certificate ends by then and has not been spoken of since `since`. */
export async function listEndingSoon(db: Queryable, by: Date, noticeDays: number): Promise<Seal[]> {
  const rows = await db.query<SealRow>(
    `select ${sealColumns} from seal.seals s
     where s.state in ('active', 'suspended') and s.valid_until <= $1
       and not exists (select 1 from seal.seal_events e where e.seal_id = s.id and e.action = 'remind'
         and e.at >= s.valid_until - make_interval(days => $2))
     order by s.id`,
    [by, noticeDays],
  )
  return rows.map(toSeal)
}
