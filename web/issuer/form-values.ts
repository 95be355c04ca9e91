import { freshKey } from '../kit/ids.ts'
import type { Definition, Field } from './definition.ts'

/** A table row while it is typed: its cells as text, and a key of its own so that rows can be removed from the middle. */
export interface Row {
  readonly key: string
  readonly cells: Record<string, string>
}

/** A field while it is filled in. Everything typed is text; only an end of validity has a second half, "no end". */
/** The place of the uploaded document among those of a form; no field has such a name. */
export const BODY_PLACE = '@body'

export type Value = string | Row[]
export interface FormValues {
  readonly fields: Record<string, Value>
  /** Names of the date-range-end fields marked "no end". */
  readonly open: Record<string, boolean>
}

export const newRow = (field: Field, from: Readonly<Record<string, unknown>> = {}): Row => ({
  key: freshKey().slice(0, 12),
  cells: Object.fromEntries((field.columns ?? []).map(({ name }) => [name, toText(from[name])])),
})

const toText = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''

/** Pictures arrive as bare base64, as a data URL or (in an example) as an object holding base64. */
function toPicture(value: unknown): string {
  if (typeof value === 'string') return value.replace(/^data:[^,]*,/, '')
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['base64'] : undefined
  return typeof inner === 'string' ? inner : ''
}

function toValue(field: Field, given: unknown): Value {
  if (field.type === 'picture') return toPicture(given)
  if (field.type !== 'table') return toText(given)
  const rows = Array.isArray(given) ? given.map((row) => newRow(field, row as Record<string, unknown>)) : []
  while (rows.length < (field.rows?.min ?? (field.required ? 1 : 0))) rows.push(newRow(field))
  return rows
}

/** The form's values from given data (an example, the licence to replace) or, without any, empty ones. */
export function toFormValues(definition: Definition, data: Readonly<Record<string, unknown>> = {}): FormValues {
  const fields = Object.fromEntries(definition.fields.map((field) => [field.name, toValue(field, data[field.name])]))
  const open = definition.fields.filter((field) => field.mayBeOpen && field.name in data && data[field.name] === null)
  return { fields, open: Object.fromEntries(open.map(({ name }) => [name, true])) }
}

const filledRows = (rows: readonly Row[]) =>
  rows.filter(({ cells }) => Object.values(cells).some((cell) => cell.trim() !== ''))

function cellsToSend(row: Row): Record<string, string> {
  const cells = Object.entries(row.cells).map(([name, cell]): [string, string] => [name, cell.trim()])
  return Object.fromEntries(cells.filter(([, cell]) => cell !== ''))
}

/** What is sent: empty entries left out, empty table rows dropped, codes in capitals, "no end" as null. */
export function toData(definition: Definition, values: FormValues): Record<string, unknown> {
  const data: Record<string, unknown> = {}
  for (const field of definition.fields) {
    const value = values.fields[field.name] ?? ''
    if (values.open[field.name]) data[field.name] = null
    else if (Array.isArray(value)) {
      const rows = filledRows(value).map(cellsToSend)
      if (rows.length > 0) data[field.name] = rows
    } else if (value.trim() !== '') data[field.name] = normalise(field, value)
  }
  return data
}

/** Spaces at the ends go; codes are compared in capitals and without full-width forms or spaces. */
export function normalise(field: Field, value: string): string {
  if (field.type === 'credit-code' || field.type === 'identity-number') {
    return value.normalize('NFKC').replace(/\s/g, '').toUpperCase()
  }
  if (field.type === 'money' || field.type === 'number') return value.normalize('NFKC').replace(/[\s,]/g, '')
  return value.trim()
}

/** The row of the form that the n-th row sent came from: empty rows are not sent, so the two counts differ. */
export function rowKeySent(rows: readonly Row[], index: number): string | undefined {
  return filledRows(rows)[index]?.key
}
