import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { toCsv, toXlsx } from '../operations/statistics/figures-file.ts'
import { readStatistics, STATISTICS } from '../operations/statistics/statistics.ts'
import { json } from './answers.ts'
import { defineRoute } from './permissions.ts'
import { day } from './schemas.ts'

const tag = 'Statistics'
const query = z.strictObject({
  from: day.describe('First day'),
  to: day.describe('Last day'),
  by: z.enum(['day', 'type', 'department', 'area']).default('day'),
})
const fileQuery = query.extend({
  lang: z
    .enum(['zh', 'en'])
    .optional()
    .describe('Of heads and names; left out: the names of the figures, for machines'),
})
const answer = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      name: z.object({ zh: z.string(), en: z.string() }).nullable(),
      figures: z
        .record(z.string(), z.number().nullable())
        .describe(
          'Null: not told; fewer than five of another department, or a second group by which such a one could be told',
        ),
    }),
  ),
})
const summaries = {
  issuance: 'Licences issued',
  status: 'Licences in force, and what became of others',
  use: 'Reads by other departments and by holders',
  quality: 'Seconds to the register, completeness, rejections, disputes',
} as const

const formats = [
  { ending: 'csv', type: 'text/csv', write: toCsv },
  { ending: 'xlsx', type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', write: toXlsx },
] as const

/** Figures by day, type, department or area: as JSON for pages, as CSV and XLSX for spreadsheets. */
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
      ...formats.map(({ ending, type, write }) =>
        defineRoute({
          ...{ ...common, query: fileQuery },
          path: `/api/statistics/${statistic}/export.${ending}`,
          summary: `${summaries[statistic]}, as ${ending.toUpperCase()}`,
          answers: { 200: { description: 'The same as a file', contentType: type } },
          handle: async ({ principal, query: { lang, ...query } }) => ({
            status: 200,
            bytes: await write(await readStatistics(deps, principal, statistic, query), lang),
            contentType: ending === 'csv' ? `${type}; charset=utf-8` : type,
            headers: {
              'Cache-Control': 'no-store',
              'Content-Disposition': `attachment; filename="${statistic}.${ending}"`,
            },
          }),
        }),
      ),
    ]
  })
