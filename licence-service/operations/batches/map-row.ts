import type { FieldDefinition, LicenceDefinition } from '../../../templates/index.ts'
import type { Mapping } from '../../domain/batch.ts'
import { type Target, targetsOf } from './mapping.ts'
import type { ReadRow } from './read-row.ts'

/** A row by the names of the type's fields. Pictures are still the names of their files. */
export interface MappedRow {
  readonly data: Record<string, unknown>
  readonly pictures: readonly { readonly field: string; readonly file: string }[]
}

export interface RowMapper {
  map(cells: ReadRow['cells']): MappedRow
  /** The column that a fault's JSON Pointer belongs to; null where there is none. */
  columnOf(pointer: string): number | null
}

/** Makes rows of a file into data of a type. */
export function createRowMapper(
  definition: LicenceDefinition,
  columns: readonly string[],
  mapping: Mapping,
): RowMapper {
  const targets = targetsOf(definition)
  const bound = mapping.columns.flatMap(({ column, field }) => {
    const target = targets.get(field)
    return target ? [{ name: field, column, index: columns.indexOf(column), target }] : []
  })
  const byColumn = new Map(bound.map((one) => [one.column, one]))
  const constants = Object.entries(mapping.constants ?? {}).flatMap(([field, text]) => {
    const target = targets.get(field)
    return target ? [{ target, text }] : []
  })
  /** Members of a JSON row that tell of its scans alone. */
  const aside = new Set([mapping.scans?.column, mapping.scans?.gradeColumn])
  return {
    map(cells) {
      const row = createDraft()
      for (const { target, text } of constants) row.put(target, text)
      if (isTexts(cells)) for (const { index, target } of bound) row.put(target, cells[index] ?? '')
      else
        for (const [name, value] of Object.entries(cells)) {
          const target = byColumn.get(name)?.target ?? targets.get(name)
          if (target && typeof value === 'string') row.put(target, value)
          else if (target && !target.part && value !== null) row.keep(target.field.name, value)
          else if (!target && !aside.has(name)) row.keep(name, value)
        }
      return row.done()
    },
    columnOf(pointer) {
      const [, field = '', , part] = pointer.split('/')
      const found =
        bound.find(({ name }) => name === `${field}.${part}`) ??
        bound.find(({ name }) => name === field || name.startsWith(`${field}.`))
      return found && found.index >= 0 ? found.index : null
    },
  }
}

export const isTexts = (cells: ReadRow['cells']): cells is readonly string[] => Array.isArray(cells)

function createDraft() {
  const data: Record<string, unknown> = {}
  const pictures: { field: string; file: string }[] = []
  const tables = new Map<string, Record<string, string>[]>()
  return {
    keep(field: string, value: unknown) {
      data[field] = value
    },
    put({ field, part }: Target, cell: string) {
      const text = cell.trim()
      if (text === '') return
      if (part) {
        const rows = tables.get(field.name) ?? []
        tables.set(field.name, rows)
        for (const [index, value] of linesOf(text).entries()) {
          rows[index] ??= {}
          if (value !== '') rows[index][part.name] = part.type === 'date' ? toDay(value) : value
        }
      } else if (field.type === 'picture' && isFileName(text)) pictures.push({ field: field.name, file: text })
      else {
        const value = toValue(field, text)
        if (value !== '') data[field.name] = value
      }
    },
    done(): MappedRow {
      for (const [field, rows] of tables) data[field] = rows
      return { data, pictures }
    },
  }
}

/** The rows of a table in one cell: a line each, or with semicolons between. */
export const linesOf = (text: string): string[] =>
  text.split(text.includes('\n') ? /\r?\n/ : /[;；]/).map((line) => line.trim())

const isFileName = (text: string): boolean => text.length <= 400 && /\.(?:jpe?g|png)$/i.test(text)

function toValue(field: FieldDefinition, text: string): string {
  if (field.type === 'date') return toDay(text)
  if (field.type === 'date-range-end') return field.mayBeOpen && isWithoutEnd(text) ? '' : toDay(text)
  if (field.type !== 'choice') return text.replaceAll('\r\n', '\n')
  const wanted = text.toLowerCase()
  const choice = field.choices?.find(
    ({ value, label }) => value === text || label.zh === text || label.en.toLowerCase() === wanted,
  )
  return choice?.value ?? text
}

const isWithoutEnd = (text: string): boolean => ['长期', '长期有效', '无固定期限', '永久'].includes(text)

/** The ways in which days are written in tables here, as YYYY-MM-DD; anything else stays as it is and is told as a fault. */
function toDay(text: string): string {
  const match =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]0{1,2}:00(?::00)?)?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(text)
  if (!match) return text
  return `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`
}
