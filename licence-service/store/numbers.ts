import type { Database, Queryable } from '../../platform/index.ts'

export interface Counter {
  readonly typeCode: string
  readonly departmentCode: string
  readonly period: string
}

export interface TakenNumbers {
  readonly first: number
  /** How many there were left, of those asked for. */
  readonly count: number
}

/**
 * Takes the next `count` numbers of a counter, as far as there are any up to `last`. They are gone at once, whatever becomes of who asked: a
 * number whose licence never came on record is left out, and none is given twice. Outside any transaction, since whoever asks next would
 * wait for its end, and on disk before it is answered: printed numbers have no key of their own that would notice a second one.
 */
export async function takeNumbers(
  database: Database,
  counter: Counter,
  count: number,
  last = Number.MAX_SAFE_INTEGER,
): Promise<TakenNumbers> {
  const { typeCode, departmentCode, period } = counter
  for (;;) {
    const [row] = await database.query<{ before: bigint; value: bigint }>(
      `with before as (
         select value from licence.number_counters where type_code = $1 and department_code = $2 and period = $3 for update)
       update licence.number_counters c set value = greatest(c.value, least(c.value + $4::bigint, $5::bigint)) from before
       where c.type_code = $1 and c.department_code = $2 and c.period = $3 returning before.value as before, c.value`,
      [typeCode, departmentCode, period, count, last],
    )
    if (row) return { first: Number(row.before) + 1, count: Number(row.value - row.before) }
    await database.query(
      `insert into licence.number_counters (type_code, department_code, period, value) values ($1, $2, $3, 0) on conflict do nothing`,
      [typeCode, departmentCode, period],
    )
  }
}

/**
 * Where a type's numbers begin anew at other times than before, the counters of the period that goes on begin behind those that were used in
 * it: the same parts of a number would say the same again.
 * @param within the beginning of the names of all periods that lie in it; '' for all
 */
export async function carryCounters(
  tx: Queryable,
  { typeCode, period, within }: { readonly typeCode: string; readonly period: string; readonly within: string },
): Promise<void> {
  await tx.query(
    `insert into licence.number_counters (type_code, department_code, period, value)
     select type_code, department_code, $2, max(value) from licence.number_counters
     where type_code = $1 and (period = 'ever' or starts_with(period, $3) or starts_with($2, period))
     group by type_code, department_code
     on conflict (type_code, department_code, period)
       do update set value = greatest(licence.number_counters.value, excluded.value)`,
    [typeCode, period, within],
  )
}
