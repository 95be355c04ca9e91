// Rows as a file, sent as they come: CSV for people, JSON Lines for machines.
import { z } from 'zod'
import { BYTE_ORDER_MARK, toCsvLine } from './csv.ts'
import type { Answer } from './route.ts'

export const formatSchema = z.object({
  format: z.enum(['csv', 'jsonl']).default('csv'),
  /** Of the heads of columns. */
  lang: z.enum(['zh', 'en']).default('zh'),
})
type Lang = z.output<typeof formatSchema>['lang']

export interface Table<Row> {
  readonly columns: readonly {
    readonly zh: string
    readonly en: string
    of(row: Row, lang: Lang): string | number | null
  }[]
  toJson(row: Row): unknown
}

/** Rows that come in slices, as the body of an answer that is saved as `name`. */
export function exportOf<Row>(
  slices: AsyncIterable<readonly Row[]>,
  table: Table<Row>,
  { format, lang, name }: z.output<typeof formatSchema> & { readonly name: string },
): Answer {
  return {
    status: 200,
    stream: format === 'csv' ? csvOf(slices, table, lang) : jsonLinesOf(slices, table),
    contentType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
    headers: { 'Content-Disposition': `attachment; filename="${name}.${format}"` },
  }
}

async function* csvOf<Row>(
  slices: AsyncIterable<readonly Row[]>,
  { columns }: Table<Row>,
  lang: Lang,
): AsyncGenerator<string> {
  let head = BYTE_ORDER_MARK + toCsvLine(columns.map((column) => column[lang]))
  for await (const rows of slices) {
    yield head + rows.map((row) => toCsvLine(columns.map((column) => column.of(row, lang)))).join('')
    head = ''
  }
}

async function* jsonLinesOf<Row>(
  slices: AsyncIterable<readonly Row[]>,
  { toJson }: Table<Row>,
): AsyncGenerator<string> {
  for await (const rows of slices) yield rows.map((row) => `${JSON.stringify(toJson(row))}\n`).join('')
}
