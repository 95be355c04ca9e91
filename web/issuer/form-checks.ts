import { isCreditCode, isIdentityNumber, isRealDay } from '../kit/check-digits.ts'
import type { Text } from '../kit/language.ts'
import type { Column, Definition, Field } from './definition.ts'
import { type FormValues, normalise, type Row } from './form-values.ts'

const words = {
  required: { zh: '请填写{label}。', en: 'Needed: {label}.' },
  choose: { zh: '请选择{label}。', en: 'Choose: {label}.' },
  rows: { zh: '至少要有一行。', en: 'At least one row is needed.' },
  tooLong: { zh: '最多 {max} 个字，现在 {count} 个。', en: 'At most {max} characters; there are {count}.' },
  creditLength: {
    zh: '统一社会信用代码应为 18 位，现在 {count} 位。',
    en: 'A credit code has 18 characters; there are {count}.',
  },
  credit: {
    zh: '统一社会信用代码的校验位不对，请逐位核对。',
    en: 'The check character of this credit code is wrong; compare each character.',
  },
  identityLength: {
    zh: '身份证号应为 18 位，现在 {count} 位。',
    en: 'An identity number has 18 characters; there are {count}.',
  },
  identity: {
    zh: '身份证号的出生日期或校验位不对，请逐位核对。',
    en: 'The birth date or check character of this identity number is wrong; compare each digit.',
  },
  date: { zh: '没有这一天。', en: 'There is no such day.' },
  future: { zh: '不能晚于今天。', en: 'It cannot be later than today.' },
  before: { zh: '不能早于{other}。', en: 'It cannot be before: {other}.' },
  number: { zh: '请只填数字，最多 {decimals} 位小数。', en: 'Digits only, with at most {decimals} decimals.' },
  whole: { zh: '请填整数。', en: 'A whole number is needed.' },
} as const

/** What the server allows where a definition says nothing. */
const usualMaxLength = 200

/** A fault of one place of the form; `values` fill the text's gaps. */
export interface FormFault {
  /** Field name, or `table.rowKey.column`. */
  readonly place: string
  readonly text: Text
}

const fill = (text: Text, values: Record<string, string | number | Text>): Text => {
  const put = (tongue: 'zh' | 'en') =>
    text[tongue].replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? ''
      return String(typeof value === 'object' ? value[tongue] : value)
    })
  return { zh: put('zh'), en: put('en') }
}

/** Characters as people count them, not UTF-16 units. */
export const countCharacters = (text: string): number => [...text].length

function checkCode(text: string, length: Text, wrong: Text, isRight: (code: string) => boolean): Text | undefined {
  if (text.length !== 18) return fill(length, { count: text.length })
  return isRight(text) ? undefined : wrong
}

function checkDate(
  field: Field,
  day: string,
  values: FormValues,
  definition: Definition,
  today: string,
): Text | undefined {
  if (!isRealDay(day)) return words.date
  if (field.latest === 'today' && day > today) return words.future
  const other = definition.fields.find(({ name }) => name === field.notBefore)
  const bound = other && values.fields[other.name]
  if (other && typeof bound === 'string' && isRealDay(bound) && day < bound)
    return fill(words.before, { other: other.label })
  return undefined
}

function checkNumber(text: string, decimals: number): Text | undefined {
  const whole = '(0|[1-9]\\d{0,14})'
  const form = new RegExp(decimals === 0 ? `^${whole}$` : `^${whole}(\\.\\d{1,${decimals}})?$`)
  if (form.test(text)) return undefined
  return decimals === 0 ? words.whole : fill(words.number, { decimals })
}

function checkContent(
  field: Field,
  text: string,
  values: FormValues,
  definition: Definition,
  today: string,
): Text | undefined {
  switch (field.type) {
    case 'credit-code':
      return checkCode(text, words.creditLength, words.credit, isCreditCode)
    case 'identity-number':
      return checkCode(text, words.identityLength, words.identity, isIdentityNumber)
    case 'date':
    case 'date-range-end':
      return checkDate(field, text, values, definition, today)
    case 'money':
    case 'number':
      return checkNumber(text, field.decimals ?? 2)
    default: {
      const count = countCharacters(text)
      const isText = field.type === 'text' || field.type === 'long-text'
      const max = field.maxLength ?? usualMaxLength
      return isText && count > max ? fill(words.tooLong, { max, count }) : undefined
    }
  }
}

function checkCell(column: Column, cell: string): Text | undefined {
  const text = cell.trim()
  if (text === '') return column.required ? fill(words.required, { label: column.label }) : undefined
  if (column.type === 'date') return isRealDay(text) ? undefined : words.date
  if (column.type === 'number') return checkNumber(text.replace(/,/g, ''), 4)
  const count = countCharacters(text)
  const max = column.maxLength ?? usualMaxLength
  return count > max ? fill(words.tooLong, { max, count }) : undefined
}

function checkRows(field: Field, rows: readonly Row[]): FormFault[] {
  const filled = rows.filter(({ cells }) => Object.values(cells).some((cell) => cell.trim() !== ''))
  if (filled.length < (field.rows?.min ?? (field.required ? 1 : 0))) return [{ place: field.name, text: words.rows }]
  return filled.flatMap((row) =>
    (field.columns ?? []).flatMap((column) => {
      const text = checkCell(column, row.cells[column.name] ?? '')
      return text ? [{ place: `${field.name}.${row.key}.${column.name}`, text }] : []
    }),
  )
}

/**
 * What is wrong with one field as it stands. The server checks all of it again (and more: characters that no face holds,
 * texts that do not fit); this is only so that people hear of it while they type.
 */
export function checkField(definition: Definition, field: Field, values: FormValues, today: string): FormFault[] {
  const value = values.fields[field.name] ?? ''
  if (Array.isArray(value)) return checkRows(field, value)
  if (values.open[field.name]) return []
  const text = normalise(field, value)
  if (text === '') {
    const ask = field.type === 'choice' || field.type === 'picture' ? words.choose : words.required
    return field.required ? [{ place: field.name, text: fill(ask, { label: field.label }) }] : []
  }
  if (field.type === 'picture') return []
  const fault = checkContent(field, text, values, definition, today)
  return fault ? [{ place: field.name, text: fault }] : []
}

/** Every fault of the form, in the order of its fields. */
export const checkForm = (definition: Definition, values: FormValues, today: string): FormFault[] =>
  definition.fields.flatMap((field) => checkField(definition, field, values, today))
