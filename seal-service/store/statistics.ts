// What charts are drawn from: seals by state, uses by day. Counted over the departments in somebody's sight.
import type { Queryable } from '../../platform/index.ts'
import type { SealState } from '../domain/seal.ts'

export interface StateCount {
  readonly state: SealState
  readonly count: number
}

/** How many seals of these departments are in which state. */
export async function countSealsByState(db: Queryable, departmentCodes: readonly string[]): Promise<StateCount[]> {
  const rows = await db.query<{ state: SealState; count: bigint }>(
    `select state, count(*) as count from seal.seals where department_code = any($1) group by state order by state`,
    [departmentCodes],
  )
  return rows.map(({ state, count }) => ({ state, count: Number(count) }))
}

export interface DayCount {
  /** In China's time zone, YYYY-MM-DD. */
  readonly day: string
  readonly departmentCode: string
  readonly count: number
}

/** How often the seals of these departments were put on something since `from`, by day and owner; days without a use are left out. */
export async function countUsesByDay(
  db: Queryable,
  departmentCodes: readonly string[],
  from: Date,
): Promise<DayCount[]> {
  const rows = await db.query<{ day: string; department_code: string; count: bigint }>(
    `select to_char(u.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day, s.department_code, count(*) as count
     from seal.seals s join seal.seal_uses u on u.seal_id = s.id
     where s.department_code = any($1) and u.phase = 'sealed' and u.at >= $2
     group by 1, 2 order by 1, 2`,
    [departmentCodes, from],
  )
  return rows.map(({ day, department_code, count }) => ({ day, departmentCode: department_code, count: Number(count) }))
}
