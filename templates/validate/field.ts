import { createHash } from 'node:crypto'
import {
  type FieldRow,
  type FieldValue,
  isCalendarDate,
  isCreditCode,
  isIdentityNumber,
} from '../../licence-format/index.ts'
import type { FieldDefinition, TableColumn } from '../definition.ts'
import type { PictureLimits } from '../pictures/limits.ts'
import { readPicture } from '../pictures/picture.ts'
import { PictureFault } from '../pictures/picture-fault.ts'
import { type Fault, type FaultCode, fault, shownName, step } from './fault.ts'
import { checkText, normaliseText } from './text.ts'

const usualMaxLength = 200
const usualPicture: PictureLimits = { minSide: 100, maxSide: 6000, maxBytes: 5 * 1024 * 1024 }
const usualRows = { min: 0, max: 200 }

/** What reading a field gives: a value to keep, and perhaps a picture's bytes; or faults. */
export type FieldResult =
  | { readonly value: FieldValue; readonly picture?: Uint8Array; readonly faults?: undefined }
  | { readonly faults: readonly Fault[] }

const one = (pointer: string, code: FaultCode, subject?: string): FieldResult => ({
  faults: [fault(pointer, code, subject)],
})

/** Reads one filled-in field; shape and meaning of its own, not of its neighbours. */
export function readField(field: FieldDefinition, input: unknown, pointer: string): FieldResult {
  switch (field.type) {
    case 'text':
      return readText(input, pointer, field.maxLength ?? usualMaxLength, false)
    case 'long-text':
      return readText(input, pointer, field.maxLength ?? usualMaxLength, true)
    case 'date':
    case 'date-range-end':
      return readDate(input, pointer)
    case 'money':
    case 'number':
      return readNumber(input, pointer, field.decimals ?? 2)
    case 'credit-code':
      return readCode(input, pointer, isCreditCode, 'CREDIT_CODE_INVALID')
    case 'identity-number':
      return readCode(input, pointer, isIdentityNumber, 'IDENTITY_NUMBER_INVALID')
    case 'choice':
      return field.choices?.some(({ value }) => value === input) === true
        ? { value: input as string }
        : one(pointer, 'CHOICE_UNKNOWN')
    case 'picture':
      return readPictureField(input, pointer, field.picture ?? usualPicture)
    case 'table':
      return readTable(field, input, pointer)
  }
}

function readText(input: unknown, pointer: string, maxLength: number, mayHaveLines: boolean): FieldResult {
  if (typeof input !== 'string') return one(pointer, 'FIELD_OF_WRONG_KIND', 'a text')
  // beyond this, even trimming would be work for nothing
  if (input.length > 4 * maxLength + 1000) return one(pointer, 'TEXT_TOO_LONG', String(maxLength))
  const value = normaliseText(input, mayHaveLines)
  const faults = checkText(value, pointer, maxLength, mayHaveLines)
  return faults.length > 0 ? { faults } : { value }
}

function readDate(input: unknown, pointer: string): FieldResult {
  if (typeof input !== 'string') return one(pointer, 'FIELD_OF_WRONG_KIND', 'a day as YYYY-MM-DD')
  const value = input.trim()
  return isCalendarDate(value) ? { value } : one(pointer, 'DATE_INVALID')
}

/** A decimal number is kept as text, as it was written but for separators. */
function readNumber(input: unknown, pointer: string, decimals: number): FieldResult {
  if (typeof input !== 'string' && typeof input !== 'number') return one(pointer, 'FIELD_OF_WRONG_KIND', 'a number')
  const value = String(input).normalize('NFKC').replace(/[\s,]/g, '')
  const match = /^(0|[1-9]\d{0,14})(?:\.(\d+))?$/.exec(value)
  const isGood = match !== null && (match[2]?.length ?? 0) <= decimals
  return isGood ? { value } : one(pointer, 'NUMBER_INVALID', String(decimals))
}

function readCode(input: unknown, pointer: string, isValid: (text: string) => boolean, code: FaultCode): FieldResult {
  if (typeof input !== 'string') return one(pointer, 'FIELD_OF_WRONG_KIND', 'a text')
  const value = input.slice(0, 64).normalize('NFKC').replace(/\s/g, '').toUpperCase()
  return isValid(value) ? { value } : one(pointer, code)
}

/** Base64, with or without the head of a data URL. */
function readPictureField(input: unknown, pointer: string, limits: PictureLimits): FieldResult {
  if (typeof input !== 'string') return one(pointer, 'FIELD_OF_WRONG_KIND', 'a picture in base64')
  const tooLarge = () => one(pointer, 'PICTURE_TOO_LARGE', sizeText(limits.maxBytes))
  if (input.length > (limits.maxBytes * 4) / 3 + 200) return tooLarge()
  const base64 = /^(?:data:image\/[a-z+.-]{1,20};base64,)?([A-Za-z0-9+/]+={0,2})$/.exec(input)?.[1]
  if (base64 === undefined) return one(pointer, 'PICTURE_NOT_SUPPORTED')
  try {
    const picture = readPicture(Buffer.from(base64, 'base64'), limits)
    const digest = createHash('sha256').update(picture.bytes).digest('hex')
    const { mediaType, width, height } = picture
    return { value: { digest, mediaType, width, height }, picture: picture.bytes }
  } catch (error) {
    if (!(error instanceof PictureFault)) throw error
    if (error.code === 'PICTURE_TOO_LARGE') return tooLarge()
    const side = error.code === 'PICTURE_TOO_SMALL' ? limits.minSide : limits.maxSide
    return one(pointer, error.code, String(side))
  }
}

function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.floor(bytes / 1024 / 1024)} MB` : `${Math.floor(bytes / 1024)} KB`
}

function readTable(field: FieldDefinition, input: unknown, pointer: string): FieldResult {
  if (!Array.isArray(input)) return one(pointer, 'FIELD_OF_WRONG_KIND', 'a list of rows')
  const limits = field.rows ?? usualRows
  if (input.length > limits.max) return one(pointer, 'TOO_MANY_ROWS', String(limits.max))
  if (input.length < limits.min) return one(pointer, 'TOO_FEW_ROWS', String(limits.min))
  const faults: Fault[] = []
  const rows = input.map((row: unknown, i) => readRow(field.columns ?? [], row, step(pointer, i), faults))
  return faults.length > 0 ? { faults } : { value: rows }
}

function readRow(columns: readonly TableColumn[], row: unknown, pointer: string, faults: Fault[]): FieldRow {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    faults.push(fault(pointer, 'FIELD_OF_WRONG_KIND', 'a row of cells'))
    return {}
  }
  const cells = new Map(Object.entries(row))
  for (const name of cells.keys()) {
    if (!columns.some((column) => column.name === name))
      faults.push(fault(step(pointer, name), 'FIELD_UNKNOWN', shownName(name)))
  }
  const kept: Record<string, string> = {}
  for (const column of columns) {
    const at = step(pointer, column.name)
    const cell = cells.get(column.name)
    if (isEmpty(cell)) {
      if (column.required) faults.push(fault(at, 'FIELD_REQUIRED', column.label.zh))
      continue
    }
    const result = readCell(column, cell, at)
    if (result.faults !== undefined) faults.push(...result.faults)
    else kept[column.name] = result.value as string
  }
  return kept
}

function readCell(column: TableColumn, cell: unknown, pointer: string): FieldResult {
  if (column.type === 'date') return readDate(cell, pointer)
  if (column.type === 'number') return readNumber(cell, pointer, 4)
  return readText(cell, pointer, column.maxLength ?? usualMaxLength, false)
}

/** Nothing, or a text of spaces. */
export function isEmpty(input: unknown): boolean {
  return (
    input === undefined || input === null || (typeof input === 'string' && input.length < 1000 && input.trim() === '')
  )
}
