// Figures as spreadsheets take them.
import { BYTE_ORDER_MARK, toPlainText } from '../../../platform/index.ts'
import type { StatisticsItem } from './statistics.ts'

type Cell = string | number | null

/** Null where there is nothing to take a mean of. */
const means: readonly string[] = ['secondsToRegister', 'completeness']

/** Stands where a figure is not told: an empty cell is none. */
const UNTOLD = '不公布'

/** What figures are called in a file for people; machines go by the names of the figures. */
const heads: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  key: { zh: '代码或日期', en: 'Code or day' },
  name: { zh: '名称', en: 'Name' },
  issued: { zh: '签发', en: 'Issued' },
  collected: { zh: '归集', en: 'Collected' },
  inForce: { zh: '现有效', en: 'In force' },
  suspended: { zh: '暂扣', en: 'Suspended' },
  restored: { zh: '发还', en: 'Restored' },
  revoked: { zh: '吊销', en: 'Revoked' },
  withdrawn: { zh: '撤销', en: 'Withdrawn' },
  cancelled: { zh: '注销', en: 'Cancelled' },
  superseded: { zh: '换发新证', en: 'Replaced' },
  transferred: { zh: '转出', en: 'Transferred' },
  byDepartments: { zh: '外单位取用', en: 'Read by departments' },
  byHolders: { zh: '持证主体查看', en: 'Read by holders' },
  rejected: { zh: '检查未过', en: 'Checks failed' },
  secondsToRegister: { zh: '登记时长（秒）', en: 'Seconds to the register' },
  completeness: { zh: '完整率', en: 'Completeness' },
  disputes: { zh: '异议', en: 'Disputes' },
  disputesLate: { zh: '逾期的异议', en: 'Disputes late' },
}
type Language = 'zh' | 'en'

/** A header and a line for each group. What could begin a formula is quoted away: also a text cell becomes one once it is saved as CSV. */
function rowsOf(items: readonly StatisticsItem[], lang: Language | undefined): Cell[][] {
  const names = [...new Set(items.flatMap(({ figures }) => Object.keys(figures)))]
  const rows = items.map(({ key, name, figures }): Cell[] => [
    toPlainText(key),
    name ? toPlainText(name[lang ?? 'zh']) : null,
    ...names.map((one) => (figures[one] === null && !means.includes(one) ? UNTOLD : (figures[one] ?? null))),
  ])
  const head = ['key', 'name', ...names].map((one) => (lang ? (heads[one]?.[lang] ?? one) : one))
  return [head, ...rows]
}

/** CSV with a mark of UTF-8, or a spreadsheet reads it in another code. */
export function toCsv(items: readonly StatisticsItem[], lang?: Language): string {
  const cell = (value: Cell) => {
    const text = value === null ? '' : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = rowsOf(items, lang).map((row) => row.map(cell).join(','))
  return `${BYTE_ORDER_MARK}${lines.join('\r\n')}\r\n`
}

/** The same as one sheet of XLSX: texts are text cells, figures are numbers. The writer is loaded when somebody asks, not at every start. */
export async function toXlsx(items: readonly StatisticsItem[], lang?: Language): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre')
  return writeXlsx({ sheets: [{ name: 'figures', rows: rowsOf(items, lang), freezePane: { rows: 1 } }] })
}
