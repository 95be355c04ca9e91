import type { Text } from '../kit/language.ts'
import type { FieldFault } from '../kit/problem.ts'
import type { Mapping } from './batches.ts'

const unnamed: Text = { zh: '这一列的对应不符合要求。', en: 'This column’s field does not meet the rules.' }
const takenBy = (column: string): Text => ({
  zh: `“${column}”列已对应这一项，一项只能对应一列`,
  en: `The column “${column}” goes to this field already; a field takes one column.`,
})

/** The server's faults of a mapping at the columns they are about, as the file calls them; what is about no column is told apart. */
export function placeMappingFaults(
  faults: readonly FieldFault[],
  { columns }: Pick<Mapping, 'columns'>,
): { readonly byColumn: ReadonlyMap<string, Text>; readonly elsewhere: readonly Text[] } {
  const byColumn = new Map<string, Text>()
  const elsewhere: Text[] = []
  for (const { pointer, code, detail } of faults) {
    const text = typeof detail === 'object' ? detail : detail ? { zh: detail, en: detail } : unnamed
    const at = /^\/columns\/(\d+)(?:\/|$)/.exec(pointer)?.[1]
    const line = at === undefined ? undefined : columns[Number(at)]
    const first = line && columns.find(({ field }) => field === line.field)
    if (!line) elsewhere.push(text)
    else if (!byColumn.has(line.column))
      byColumn.set(line.column, code === 'FIELD_REPEATED' && first && first !== line ? takenBy(first.column) : text)
  }
  return { byColumn, elsewhere }
}
