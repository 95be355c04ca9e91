// Figures as spreadsheets take them.
import type { StatisticsItem } from './statistics.ts'

type Cell = string | number | null

/** Null where there is nothing to take a mean of. */
const means: readonly string[] = ['secondsToRegister', 'completeness']

/** Stands where a figure is not told: an empty cell is none. */
const UNTOLD = '不公布'

/** A header and a line for each group. What could begin a formula is quoted away: also a text cell becomes one once it is saved as CSV. */
function rowsOf(items: readonly StatisticsItem[]): Cell[][] {
  const names = [...new Set(items.flatMap(({ figures }) => Object.keys(figures)))]
  const safe = (text: string): string => (/^[=+\-@＝＋－＠\t\r]/.test(text) ? `'${text}` : text)
  const rows = items.map(({ key, name, figures }): Cell[] => [
    safe(key),
    name ? safe(name.zh) : null,
    ...names.map((one) => (figures[one] === null && !means.includes(one) ? UNTOLD : (figures[one] ?? null))),
  ])
  return [['key', 'name', ...names], ...rows]
}

/** CSV with a mark of UTF-8, or a spreadsheet reads it in another code. */
export function toCsv(items: readonly StatisticsItem[]): string {
  const cell = (value: Cell) => {
    const text = value === null ? '' : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = rowsOf(items).map((row) => row.map(cell).join(','))
  return `\uFEFF${lines.join('\r\n')}\r\n`
}

/** The same as one sheet of XLSX: texts are text cells, figures are numbers. The writer is loaded when somebody asks, not at every start. */
export async function toXlsx(items: readonly StatisticsItem[]): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre')
  return writeXlsx({ sheets: [{ name: 'figures', rows: rowsOf(items), freezePane: { rows: 1 } }] })
}
