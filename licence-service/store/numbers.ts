import type { Database } from '../../platform/index.ts'
import { UNFLUSHED } from './unflushed.ts'

/**
 * Takes the next `count` numbers of a counter; answers the first of them. They are gone at once, whatever becomes of who asked: a number
 * whose licence never came on record is left out, and none is given twice. Outside any transaction, since whoever asks next would wait for
 * its end.
 */
export async function takeNumbers(
  database: Database,
  counter: { typeCode: string; departmentCode: string; period: string },
  count: number,
): Promise<number> {
  const [row] = await database.query<{ value: bigint }>(
    `with ${UNFLUSHED}
     insert into licence.number_counters (type_code, department_code, period, value)
     select $1::text, $2::text, $3::text, $4::bigint from unflushed
     on conflict (type_code, department_code, period) do update set value = licence.number_counters.value + excluded.value
     returning value`,
    [counter.typeCode, counter.departmentCode, counter.period, count],
  )
  return Number(row!.value) - count + 1
}
