import type { CopyFacts, FieldRow, FieldValue } from '../../licence-format/index.ts'
import type { FieldDefinition, LicenceDefinition } from '../definition.ts'
import { TemplateError } from '../errors.ts'
import type { Condition } from '../layout.ts'

/** What the texts of a layout may name. */
export interface LicenceValues {
  readonly fields: { readonly [name: string]: FieldValue }
  readonly number: string
  readonly identifier: string
  readonly issuer: { readonly name: string; readonly code: string }
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  /** What makes it a copy for one purpose (加注件). */
  readonly copy?: CopyFacts
  /** Fields that a copy does not carry: it must not look as if the licence said nothing there. */
  readonly withheld?: ReadonlySet<string>
}

const withheldMark = '***'

type Part = string | ((values: LicenceValues, page: number) => string)

/** A text of the layout, its values found and their forms chosen. */
export interface CompiledText {
  readonly parts: readonly Part[]
  /** The text when no value is in it. */
  readonly fixed: string | undefined
  /** JSON Pointer to the input of the first field in the text, else the name of the value. */
  readonly where: string
}

const openEnd = '长期'

/** 2026-11-21 → 2026年11月21日 */
function chineseDate(day: string): string {
  return `${day.slice(0, 4)}年${Number(day.slice(5, 7))}月${Number(day.slice(8, 10))}日`
}

// Maps, since a definition's author chooses what is looked up: an object knows `constructor` and the like.
const dateForms: ReadonlyMap<string, (day: string) => string> = new Map([
  ['', chineseDate],
  ['dotted', (day) => day.replaceAll('-', '.')],
  ['year', (day) => day.slice(0, 4)],
  ['month', (day) => String(Number(day.slice(5, 7)))],
  ['day', (day) => String(Number(day.slice(8, 10)))],
])

const otherValues: ReadonlyMap<string, (values: LicenceValues) => string> = new Map([
  ['number', (values) => values.number],
  ['identifier', (values) => values.identifier],
  ['issuer', (values) => values.issuer.name],
])

const dates: ReadonlyMap<string, (values: LicenceValues) => string | null> = new Map([
  ['issuedOn', (values) => values.issuedOn],
  ['validFrom', (values) => values.validFrom],
  ['validUntil', (values) => values.validUntil],
])

/** Parses a text template. @throws TemplateError TEMPLATE_DEFINITION_INVALID for a value that is not there */
export function compileText(text: string, definition: LicenceDefinition): CompiledText {
  const parts: Part[] = []
  let where = ''
  for (const [i, piece] of text.split(/\{([^}]*)\}/).entries()) {
    if (i % 2 === 0) {
      if (piece !== '') parts.push(piece)
      continue
    }
    const [name = '', form = ''] = piece.split('|')
    if (where === '') where = name.startsWith('fields.') ? `/${name.slice(7)}` : name
    parts.push(compileValue(name, form, definition))
  }
  const fixed = parts.every((part) => typeof part === 'string') ? parts.join('') : undefined
  return { parts, fixed, where }
}

/** More than a number, an identifier, a date, the name of a department or a text without a length of its own has. */
const longestOther = 200

/** How many characters a text template may become with the longest values that its fields admit. */
export function longestText(text: string, { fields }: LicenceDefinition): number {
  let length = 0
  for (const [i, piece] of text.split(/\{([^}]*)\}/).entries()) {
    const field = i % 2 === 0 ? undefined : fields.find((f) => `fields.${f.name}` === piece.split('|')[0])
    length += i % 2 === 0 ? piece.length : field === undefined ? longestOther : longestValue(field)
  }
  return length
}

function longestValue({ type, maxLength }: FieldDefinition): number {
  return type === 'text' || type === 'long-text' ? (maxLength ?? longestOther) : longestOther
}

function compileValue(name: string, form: string, definition: LicenceDefinition): Part {
  if (name === 'page') return (_, page) => String(page)
  const other = otherValues.get(name)
  if (other !== undefined) return other
  const date = dates.get(name)
  const dateForm = dateForms.get(form)
  if (date !== undefined && dateForm !== undefined) {
    return (values) => {
      const day = date(values)
      return day === null ? openEnd : dateForm(day)
    }
  }
  const field = definition.fields.find((f) => `fields.${f.name}` === name)
  const print = field === undefined ? undefined : compileField(field, form)
  if (field === undefined || print === undefined) {
    throw new TemplateError(
      'TEMPLATE_DEFINITION_INVALID',
      `the layout names a value that is not there: {${name}|${form}}`,
      { subject: form === '' ? name : `${name}|${form}` },
    )
  }
  return (values) => {
    if (values.withheld?.has(field.name) === true) return withheldMark
    const value = values.fields[field.name]
    if (value === undefined || value === null) return field.mayBeOpen === true ? openEnd : ''
    return print(value)
  }
}

function compileField(field: FieldDefinition, form: string): ((value: FieldValue) => string) | undefined {
  switch (field.type) {
    case 'date':
    case 'date-range-end': {
      const print = dateForms.get(form)
      return print && ((value) => print(String(value)))
    }
    case 'money':
    case 'number': {
      const unit = form === 'bare' ? '' : (field.unit?.zh ?? '')
      return (value) => `${String(value)}${unit}`
    }
    case 'choice': {
      const labels = new Map(field.choices?.map((choice) => [choice.value, choice.label.zh]))
      return (value) => labels.get(String(value)) ?? String(value)
    }
    case 'picture':
    case 'table':
      return undefined
    default:
      return (value) => String(value)
  }
}

/** The text for one licence; `isEmpty` when values are in it and all of them are empty. */
export function fillText(text: CompiledText, values: LicenceValues, page: number): { text: string; isEmpty: boolean } {
  if (text.fixed !== undefined) return { text: text.fixed, isEmpty: false }
  let filled = ''
  let isEmpty = true
  for (const part of text.parts) {
    if (typeof part === 'string') {
      filled += part
      continue
    }
    const value = part(values, page)
    if (value !== '') isEmpty = false
    filled += value
  }
  return { text: filled, isEmpty }
}

/** Whether an element is on a licence's page. A field without value is empty, and so is a table without rows. */
export function compileCondition(condition: Condition): (values: LicenceValues) => boolean {
  const { field } = condition
  if ('filled' in condition) {
    return ({ fields }) => {
      const value = fields[field]
      const isFilled =
        value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
      return isFilled === condition.filled
    }
  }
  const wanted = new Set(condition.oneOf)
  return ({ fields }) => wanted.has(String(fields[field] ?? ''))
}

/** A cell of a table's row as it is printed. */
export function cellText(row: FieldRow, column: string, type: 'text' | 'number' | 'date'): string {
  const value = row[column]
  if (value === undefined || value === null) return ''
  return type === 'date' ? chineseDate(String(value)) : String(value)
}
