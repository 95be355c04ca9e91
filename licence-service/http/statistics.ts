import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { readStatistics, STATISTICS, type StatisticsItem } from '../operations/statistics/statistics.ts'
import { json } from './answers.ts'
import { defineRoute } from './permissions.ts'

const tag = 'Statistics'
const query = z.strictObject({
  from: z.iso.date().describe('First day'),
  to: z.iso.date().describe('Last day'),
  by: z.enum(['day', 'type', 'department', 'area']).default('day'),
})
const answer = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      name: z.object({ zh: z.string(), en: z.string() }).nullable(),
      figures: z
        .record(z.string(), z.number().nullable())
        .describe('Null: fewer than five of another department, which are not told'),
    }),
  ),
})
const summaries = {
  issuance: 'Licences issued',
  status: 'Licences in force, and what became of others',
  use: 'Reads by other departments and by holders',
  quality: 'Seconds to the register, completeness, rejections, disputes',
} as const

/** Figures by day, type, department or area: as JSON for pages, as CSV for spreadsheets. */
export const statisticsRoutes = (deps: Deps): Route[] =>
  STATISTICS.flatMap((statistic) => {
    const common = {
      method: 'get',
      permission: 'statistics:read',
      tag,
      query,
      problems: ['STATISTICS_SPAN_REFUSED'],
    } as const
    return [
      defineRoute({
        ...common,
        path: `/api/statistics/${statistic}`,
        summary: summaries[statistic],
        answers: { 200: { description: 'The groups with their figures', schema: answer } },
        handle: async (call) => json(200, { items: await readStatistics(deps, call.principal, statistic, call.query) }),
      }),
      defineRoute({
        ...common,
        path: `/api/statistics/${statistic}/export.csv`,
        summary: `${summaries[statistic]}, as CSV`,
        answers: { 200: { description: 'The same as a file', contentType: 'text/csv' } },
        handle: async (call) => ({
          status: 200,
          bytes: toCsv(await readStatistics(deps, call.principal, statistic, call.query)),
          contentType: 'text/csv; charset=utf-8',
          headers: {
            'Cache-Control': 'no-store',
            'Content-Disposition': `attachment; filename="${statistic}.csv"`,
          },
        }),
      }),
    ]
  })

/** With a mark of UTF-8, or a spreadsheet reads it in another code; what could begin a formula is quoted away. */
function toCsv(items: readonly StatisticsItem[]): string {
  const names = [...new Set(items.flatMap(({ figures }) => Object.keys(figures)))]
  const cell = (value: string | number | null | undefined) => {
    const text = value === null || value === undefined ? '' : String(value)
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const rows = items.map(({ key, name, figures }) => [key, name?.zh, ...names.map((one) => figures[one])])
  return `\uFEFF${[['key', 'name', ...names], ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
