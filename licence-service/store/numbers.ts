import type { Database } from '../../platform/index.ts'
import { overlappingPeriods } from '../domain/number-period.ts'

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
 *
 * It goes on behind every counter whose period overlaps, whichever of them is further: where a type's numbers begin anew at other times
 * than in a version before, the same parts of a number would say the same again, on whatever day a licence is said to be issued. Only the
 * published version's counters move (what is prepared with another is refused), so the others stand still while they are read.
 */
export async function takeNumbers(
  database: Database,
  counter: Counter,
  count: number,
  last = Number.MAX_SAFE_INTEGER,
): Promise<TakenNumbers> {
  const { typeCode, departmentCode, period } = counter
  const { around, within } = overlappingPeriods(period)
  for (;;) {
    const [row] = await database.query<{ before: bigint; value: bigint }>(
      `with own as (
         select value from licence.number_counters where type_code = $1 and department_code = $2 and period = $3 for update),
       before as (
         select greatest(value,
           (select max(value) from licence.number_counters
            where type_code = $1 and department_code = $2 and period = any($6::text[])),
           (select max(value) from licence.number_counters
            where type_code = $1 and department_code = $2 and $7::text is not null and starts_with(period, $7))) as value
         from own)
       update licence.number_counters c set value = greatest(before.value, least(before.value + $4::bigint, $5::bigint)) from before
       where c.type_code = $1 and c.department_code = $2 and c.period = $3 returning before.value as before, c.value`,
      [typeCode, departmentCode, period, count, last, around, within],
    )
    if (row) return { first: Number(row.before) + 1, count: Number(row.value - row.before) }
    await database.query(
      `insert into licence.number_counters (type_code, department_code, period, value) values ($1, $2, $3, 0) on conflict do nothing`,
      [typeCode, departmentCode, period],
    )
  }
}
