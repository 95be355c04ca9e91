import { formatDay, formatEnd } from '../kit/format.ts'
import { say } from '../kit/language.ts'
import type { Definition, Field } from './definition.ts'
import { words } from './words.ts'

export interface ContentLine {
  readonly label: string
  readonly lines: readonly string[]
}

function linesOf(field: Field, value: unknown): string[] {
  if (value === null && field.type === 'date-range-end') return [formatEnd(null)]
  if (typeof value === 'number') return [`${value}${field.unit ? ` ${say(field.unit)}` : ''}`]
  if (typeof value === 'string') {
    if (field.type === 'choice') {
      const choice = field.choices?.find((one) => one.value === value)
      return [choice ? say(choice.label) : value]
    }
    return [`${formatDay(value)}${field.unit ? ` ${say(field.unit)}` : ''}`]
  }
  if (Array.isArray(value)) {
    return value.map((row: Record<string, unknown>) =>
      (field.columns ?? []).map(({ name }) => formatDay(String(row[name] ?? '—'))).join(' · '),
    )
  }
  return field.type === 'picture' && value ? [say(words.pictureInDocument)] : []
}

/** What a licence says, field by field as its type defines them; empty entries are left out. */
export const licenceContents = (definition: Definition, fields: Readonly<Record<string, unknown>>): ContentLine[] =>
  definition.fields
    .map((field) => ({ label: say(field.label), lines: linesOf(field, fields[field.name]) }))
    .filter(({ lines }) => lines.length > 0)
