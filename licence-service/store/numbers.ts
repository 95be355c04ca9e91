import type { Queryable } from '../../platform/index.ts'

/** Takes the next `count` numbers of a counter; answers the first of them. */
export async function takeNumbers(
  tx: Queryable,
  counter: { typeCode: string; departmentCode: string; period: string },
  count: number,
): Promise<number> {
  const [row] = await tx.query<{ value: bigint }>(
    `insert into licence.number_counters (type_code, department_code, period, value) values ($1, $2, $3, $4)
     on conflict (type_code, department_code, period) do update set value = licence.number_counters.value + excluded.value
     returning value`,
    [counter.typeCode, counter.departmentCode, counter.period, count],
  )
  return Number(row!.value) - count + 1
}
