// Rows as a file, sent as they come: CSV and XLSX for people, JSON Lines for machines.
import { z } from 'zod'
import { BYTE_ORDER_MARK, toCsvLine, toPlainText } from '../csv.ts'
import type { Answer } from './route.ts'

export const formatSchema = z.object({
  format: z.enum(['csv', 'xlsx', 'jsonl']).default('csv'),
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
  const forms = {
    csv: { stream: csvOf, contentType: 'text/csv; charset=utf-8' },
    xlsx: { stream: xlsxOf, contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
    jsonl: { stream: jsonLinesOf, contentType: 'application/jsonl; charset=utf-8' },
  } as const
  const { stream, contentType } = forms[format]
  return {
    status: 200,
    stream: stream(slices, table, lang),
    contentType,
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

/** Texts are text cells: a number of many digits stays what it is in every spreadsheet. */
async function* xlsxOf<Row>(
  slices: AsyncIterable<readonly Row[]>,
  { columns }: Table<Row>,
  lang: Lang,
): AsyncGenerator<Uint8Array> {
  async function* rows() {
    yield columns.map((column) => column[lang])
    for await (const slice of slices)
      for (const row of slice)
        yield columns.map((column) => {
          const cell = column.of(row, lang)
          return typeof cell === 'string' ? toPlainText(cell) : cell
        })
  }
  // A large library that few requests need.
  const { writeXlsxStream } = await import('hucre')
  yield* writeXlsxStream(rows(), { name: 'list', freezePane: { rows: 1 } })
}

async function* jsonLinesOf<Row>(
  slices: AsyncIterable<readonly Row[]>,
  { toJson }: Table<Row>,
): AsyncGenerator<string> {
  for await (const rows of slices) yield rows.map((row) => `${JSON.stringify(toJson(row))}\n`).join('')
}
