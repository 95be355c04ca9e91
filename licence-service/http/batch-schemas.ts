import { z } from 'zod'
import { batchStates, rowStates } from '../domain/batch.ts'
import { gradeLetters } from '../domain/scan.ts'

const instant = z.iso.datetime()
const name = z.string().max(200)
export const batchParams = z.object({ batchId: z.uuid() })
/** What the database counts rows by. */
const LAST_ROW = 2_147_483_647
export const sampleParams = z.object({ batchId: z.uuid(), row: z.coerce.number().int().min(1).max(LAST_ROW) })

const title = z.string().trim().min(1).max(100)
const typeCode = z.string().max(40)
export const uploadQuery = z.strictObject({ typeCode: typeCode.optional(), title: title.optional() })
export const openBody = z.strictObject({ typeCode, title })
export const rowsBody = z.strictObject({
  rows: z
    .array(z.record(z.string().max(100), z.unknown()))
    .min(1)
    .max(1000),
})
const mapping = z.strictObject({
  columns: z
    .array(z.strictObject({ column: name, field: name }))
    .max(200)
    .describe('`field` is a field of the type, or `table.column` for a column of a table'),
  constants: z.record(name, z.string().max(5000)).optional().describe('The same for every row, by field'),
  sheet: z.string().max(100).optional(),
  headerRow: z.number().int().min(1).max(1000).optional(),
  encoding: z.enum(['utf-8', 'gb18030']).optional(),
  scans: z
    .strictObject({
      column: name,
      by: z
        .enum(['file-names', 'beginnings'])
        .describe(
          '`file-names`: the cell names the files; `beginnings`: the names of its files begin with what it says',
        ),
      gradeColumn: name.optional(),
      grade: z.enum(gradeLetters).optional().describe('Of every scan whose row tells none'),
      isRequired: z.boolean().optional().describe('A row without a scan is at fault'),
    })
    .optional()
    .describe('Which files of the ZIPs are scans of a row’s paper'),
})
export const mappingBody = z.strictObject({
  mapping,
  uniqueBy: z
    .enum(['row', 'holder'])
    .optional()
    .describe('What makes two rows the same: all that they say, or their holder; the catalogue may say so for a type'),
  remember: z.string().trim().min(1).max(100).optional().describe('A name under which the department finds it again'),
})
export const sampleBody = z.strictObject({ count: z.number().int().min(1).max(500).optional() })
export const decisionBody = z.strictObject({ decision: z.enum(['approve', 'refuse']) })
export const retryBody = z.strictObject({
  rows: z.array(z.number().int().min(1).max(LAST_ROW)).min(1).max(10_000).optional(),
})
export const rollbackBody = z.strictObject({ reason: z.string().trim().min(1).max(500) })

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(20).optional(),
  state: z.enum(batchStates).optional(),
})
export const rowsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(20).optional(),
  state: z.enum(rowStates).optional(),
})
export const pageQuery = rowsQuery.omit({ state: true })
export const reportQuery = z.strictObject({ language: z.enum(['zh', 'en']).default('zh') })

const count = z.number().int()
export const batchAnswer = z.object({
  batchId: z.uuid(),
  typeCode: z.string(),
  title: z.string(),
  kind: z.enum(['xlsx', 'csv', 'jsonl']),
  state: z.enum(batchStates),
  stateSince: instant,
  note: z.string().nullable().describe('A code: why it waits, paused by itself or could not be read'),
  resumeAt: instant.nullable(),
  uploadedBy: z.string(),
  uploadedAt: instant,
  startedBy: z.string().nullable(),
  startedAt: instant.nullable(),
  rolledBackBy: z.string().nullable(),
  endedAt: instant.nullable(),
  isKept: z.boolean().describe('Whether what its rows say is still there; 90 days after its end it is not'),
  columns: z.array(z.string()),
  mapping: mapping.nullable(),
  uniqueBy: z.enum(['row', 'holder']),
  counts: z.object({
    rows: count,
    checked: count,
    valid: count.describe('Good and not yet settled'),
    faulty: count,
    duplicate: count,
    claimed: count.describe('Another batch has them'),
    issued: count,
    refused: count,
    dead: count.describe('Interrupted five times'),
    rolledBack: count,
  }),
  unusedFiles: count.nullable().describe('Files of its ZIPs that no row names, once checked'),
  nextActs: z.array(z.string()),
  rate: z.number().nullable().describe('Rows a second over the last minute'),
  remainingSeconds: z.number().nullable(),
})
export const listAnswer = z.object({ items: z.array(batchAnswer), next: z.string().nullable() })
export const mappingsAnswer = z.object({
  suggested: mapping,
  remembered: z.array(z.object({ name: z.string(), mapping, usedAt: instant })),
})
export const rowsAnswer = z.object({
  items: z.array(
    z.object({
      row: count,
      state: z.enum(rowStates),
      faults: z.array(z.object({ column: count.nullable(), code: z.string() })),
      identifier: z.string().nullable(),
      attempts: count,
      lastFault: z.string().nullable(),
    }),
  ),
  next: z.string().nullable(),
})
export const sampleScanParams = sampleParams.extend({ place: z.coerce.number().int().min(0).max(1_000) })
export const sampleScansAnswer = z.object({
  items: z.array(z.object({ place: count, name: z.string(), grade: z.enum(gradeLetters) })),
})
export const picturesAnswer = z.object({ pictures: count })
export const samplesAnswer = z.object({
  items: z.array(
    z.object({ row: count, drawnAt: instant, lookedAt: instant.nullable(), lookedBy: z.string().nullable() }),
  ),
})
