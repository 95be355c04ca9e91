import { formatDay } from './format.ts'
import { say, type Text } from './language.ts'

/** A line of the licence: its label and one or more lines of value. */
export interface Fact {
  readonly label: string
  readonly lines: readonly string[]
}

const isText = (value: unknown): value is Text =>
  typeof value === 'object' && value !== null && 'zh' in value && 'en' in value

function valueLines(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return []
  if (typeof value === 'string') return [formatDay(value)]
  if (typeof value === 'number') return [String(value)]
  if (isText(value)) return [say(value)]
  if (Array.isArray(value)) return value.flatMap((row) => rowLine(row))
  return []
}

function rowLine(row: unknown): string[] {
  if (typeof row !== 'object' || row === null || isText(row)) return valueLines(row)
  const cells = Object.values(row).flatMap(valueLines)
  return cells.length > 0 ? [cells.join(' · ')] : []
}

/** The labelled fields the server answers, as lines to show; pictures are in the document itself and are left out. */
export function licenceFacts(fields: readonly { readonly label: Text; readonly value: unknown }[]): Fact[] {
  return fields
    .map(({ label, value }) => ({ label: say(label), lines: valueLines(value) }))
    .filter(({ lines }) => lines.length > 0)
}
