import type { Queryable } from '../../platform/index.ts'

/** What figures can be told apart by. */
export type FigureGroup = 'day' | 'type' | 'department' | 'area'

/**
 * Adds what was counted since the last time to the figures by day; returns how many changes that were. Any number of processes may do it at
 * once: each change is taken by one of them, in the transaction that adds it.
 */
export async function foldFigures(db: Queryable, limit: number): Promise<number> {
  const [row] = await db.query<{ taken: bigint }>(
    `with taken as (
       delete from licence.figure_changes where change in (
         select change from licence.figure_changes order by change limit $1 for update skip locked)
       returning day, type_code, department_code, figure, value
     ), added as (
       insert into licence.daily_figures as f (day, type_code, department_code, figure, value)
       select day, type_code, department_code, figure, sum(value) from taken group by 1, 2, 3, 4
       order by figure, department_code, type_code, day
       on conflict (figure, department_code, type_code, day) do update set value = f.value + excluded.value
     ) select count(*) as taken from taken`,
    [limit],
  )
  return Number(row!.taken)
}

export interface FigureQuery {
  readonly departmentCodes: readonly string[]
  readonly figures: readonly string[]
  /** Null: from the first day on. */
  readonly from: string | null
  readonly to: string
  readonly by: FigureGroup
}

export interface FigureRow {
  readonly key: string
  readonly departmentCode: string
  readonly figure: string
  readonly value: bigint
}

const keys: Readonly<Record<FigureGroup, string>> = {
  day: 'day::text',
  type: 'type_code',
  department: 'department_code',
  area: 'area_code',
}

/** Sums of figures in a span of days, of each group and department. */
export const sumFigures = (db: Queryable, query: FigureQuery): Promise<FigureRow[]> =>
  db.query<FigureRow>(
    `select ${keys[query.by]} as key, department_code as "departmentCode", figure, sum(value)::bigint as value
     from licence.daily_figures
     where figure = any($1) and department_code = any($2) and ($3::date is null or day >= $3) and day <= $4
     group by 1, 2, 3 order by 1, 2, 3`,
    [query.figures, query.departmentCodes, query.from, query.to],
  )

/** Departments and types that issued on a day and whose completeness on it is not measured yet. */
export const unmeasured = (
  db: Queryable,
  day: string,
): Promise<{ readonly typeCode: string; readonly departmentCode: string }[]> =>
  db.query(
    `select type_code as "typeCode", department_code as "departmentCode" from licence.daily_figures i
     where figure = 'enter into force' and day = $1 and not exists (
       select 1 from licence.daily_figures m where m.figure = 'fields' and m.department_code = i.department_code
         and m.type_code = i.type_code and m.day = i.day)
     order by 1, 2`,
    [day],
  )

/** Some licences that a department issued of a type on a day. */
export async function sampleIssued(
  db: Queryable,
  one: { readonly typeCode: string; readonly departmentCode: string; readonly day: string },
  limit: number,
): Promise<string[]> {
  const rows = await db.query<{ identifier: string }>(
    `select identifier from licence.licences where department_code = $1 and type_code = $2 and issued_on = $3
       and state not in ('prepared', 'rejected') and wrapped_data_key is not null
     order by sequence desc limit $4`,
    [one.departmentCode, one.typeCode, one.day, limit],
  )
  return rows.map(({ identifier }) => identifier)
}

/** Writes a figure that is measured and not counted; one that stands stays. */
export async function setFigure(
  db: Queryable,
  one: {
    readonly typeCode: string
    readonly departmentCode: string
    readonly day: string
    readonly figure: string
    readonly value: number
  },
): Promise<void> {
  await db.query(
    `insert into licence.daily_figures (day, type_code, department_code, figure, value) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [one.day, one.typeCode, one.departmentCode, one.figure, one.value],
  )
}

export interface DisputeFigures {
  readonly departmentCode: string
  readonly typeCode: string
  readonly raised: bigint
  readonly late: bigint
  readonly corrected: bigint
}

/** Disputes raised in a span of days in Beijing, as all figures are, whatever zone the session has; by department and type of licence. */
export const countDisputes = (
  db: Queryable,
  departmentCodes: readonly string[],
  from: string,
  to: string,
  today: string,
): Promise<DisputeFigures[]> =>
  db.query<DisputeFigures>(
    `select department_code as "departmentCode", split_part(identifier, '.', 6) as "typeCode", count(*) as raised,
       count(*) filter (where coalesce((answered_at at time zone 'Asia/Shanghai')::date, $4::date) > answer_until) as late,
       count(*) filter (where state = 'corrected') as corrected
     from licence.disputes where department_code = any($1)
       and raised_at >= $2::date::timestamp at time zone 'Asia/Shanghai'
       and raised_at < ($3::date + 1)::timestamp at time zone 'Asia/Shanghai'
     group by 1, 2 order by 1, 2`,
    [departmentCodes, from, to, today],
  )
