import {
  type FieldValue,
  fromEpochDay,
  isCalendarDate,
  type LicenceHolder,
  toEpochDay,
} from '../licence-format/index.ts'
import type { CompiledTemplate } from './compile.ts'
import type { FieldDefinition, FieldRole, LicenceDefinition } from './definition.ts'
import type { TemplateError } from './errors.ts'
import { layOut } from './lay-out.ts'
import { formatLicenceNumber } from './number.ts'
import { type Fault, fault, shownName, step } from './validate/fault.ts'
import { isEmpty, readField } from './validate/field.ts'

export type { Fault, FaultCode } from './validate/fault.ts'

/** Data that make a licence: normalised, complete, and known to fit its pages. */
export interface ValidatedData {
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly holders: readonly LicenceHolder[]
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  /** Bytes of every picture by the hex digest its field names; without metadata, ready to be kept and drawn. */
  readonly pictures: ReadonlyMap<string, Uint8Array>
}

export type ValidationResult =
  | { readonly ok: true; readonly value: ValidatedData }
  | { readonly ok: false; readonly faults: Fault[] }

const creditCodeType = '001'
const identityNumberType = '111'
const otherPersonType = '999'

/**
 * Checks what was entered against the definition, each field, the fields among each other, and whether every text can be set in its
 * place; all faults at once. Pointers start at the input's root (`/name`, `/items/2/area`).
 *
 * @param today the day of issue when no field says so, YYYY-MM-DD in Asia/Shanghai
 * @param from the day on which it takes the place of another licence, where that is earlier: it is valid from then on when no field says so
 */
export function validateLicenceData(
  compiled: CompiledTemplate,
  input: unknown,
  { today, from = today }: { readonly today: string; readonly from?: string | undefined },
): ValidationResult {
  const { definition } = compiled
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, faults: [fault('', 'INPUT_NOT_AN_OBJECT')] }
  }
  const faults: Fault[] = []
  const pictures = new Map<string, Uint8Array>()
  const fields = readFields(definition, new Map(Object.entries(input)), faults, pictures)
  const dates = findDates(definition, fields, { today, from }, faults)
  checkDates(definition, fields, dates, today, faults)
  faults.push(...findMissingGlyphs(compiled, fields))
  if (faults.length === 0) faults.push(...tryPages(compiled, fields, dates))
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, value: { fields, holders: findHolders(definition, fields), ...dates, pictures } }
}

function readFields(
  definition: LicenceDefinition,
  input: ReadonlyMap<string, unknown>,
  faults: Fault[],
  pictures: Map<string, Uint8Array>,
): Record<string, FieldValue> {
  for (const name of input.keys()) {
    if (!definition.fields.some((field) => field.name === name))
      faults.push(fault(step('', name), 'FIELD_UNKNOWN', shownName(name)))
  }
  const fields: Record<string, FieldValue> = {}
  for (const field of definition.fields) {
    const pointer = step('', field.name)
    const entered = input.get(field.name)
    if (isEmpty(entered)) {
      if (field.required) faults.push(fault(pointer, 'FIELD_REQUIRED', field.label.zh))
      continue
    }
    const result = readField(field, entered, pointer)
    if (result.faults !== undefined) {
      faults.push(...result.faults)
      continue
    }
    fields[field.name] = result.value
    if (result.picture !== undefined) pictures.set((result.value as { digest: string }).digest, result.picture)
  }
  return fields
}

interface LicenceDates {
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
}

function findDates(
  definition: LicenceDefinition,
  fields: Record<string, FieldValue>,
  { today, from }: { readonly today: string; readonly from: string },
  faults: Fault[],
): LicenceDates {
  const fieldOf = (role: FieldRole) => definition.fields.find((f) => f.role === role)
  const byRole = (role: FieldRole) => {
    const field = fieldOf(role)
    return field === undefined ? undefined : (fields[field.name] as string | undefined)
  }
  const issuedOn = byRole('issued-on') ?? today
  const validFrom = byRole('valid-from') ?? (from < issuedOn ? from : issuedOn)
  const { validity } = definition
  const entered = byRole('valid-until')
  if (entered !== undefined || validity.kind !== 'years') return { issuedOn, validFrom, validUntil: entered ?? null }
  const validUntil = lastDayOfYears(validFrom, validity.years)
  if (validUntil === null) {
    const field = byRole('valid-from') === undefined ? fieldOf('issued-on') : fieldOf('valid-from')
    faults.push(fault(field === undefined ? '' : step('', field.name), 'DATE_OUT_OF_RANGE'))
  }
  return { issuedOn, validFrom, validUntil }
}

/** The day before the anniversary; one of 29 February is kept on 1 March. Null where the anniversary has no year of four digits. */
function lastDayOfYears(from: string, years: number): string | null {
  const year = String(Number(from.slice(0, 4)) + years).padStart(4, '0')
  if (year.length > 4) return null
  const anniversary = `${year}${from.slice(4)}`
  return fromEpochDay(toEpochDay(isCalendarDate(anniversary) ? anniversary : `${year}-03-01`) - 1)
}

function checkDates(
  definition: LicenceDefinition,
  fields: Record<string, FieldValue>,
  dates: LicenceDates,
  today: string,
  faults: Fault[],
): void {
  for (const field of definition.fields) {
    const value = fields[field.name]
    if (typeof value !== 'string' || (field.type !== 'date' && field.type !== 'date-range-end')) continue
    const pointer = step('', field.name)
    if (field.latest === 'today' && value > today) faults.push(fault(pointer, 'DATE_IN_FUTURE'))
    const other = definition.fields.find((f) => f.name === field.notBefore)
    const begin = other && fields[other.name]
    if (other !== undefined && typeof begin === 'string' && value < begin) {
      faults.push(fault(pointer, 'DATE_ORDER', `${other.label.zh}（${begin}）`))
    } else if (field.role === 'valid-until' && value < dates.validFrom) {
      faults.push(fault(pointer, 'DATE_ORDER', dates.validFrom))
    }
  }
}

/** The faces cover the same characters but for a few signs; the sans face has the fewest. */
function findMissingGlyphs(compiled: CompiledTemplate, fields: Record<string, FieldValue>): Fault[] {
  const faults: Fault[] = []
  const check = (value: FieldValue, pointer: string) => {
    if (typeof value === 'string') {
      const missing = compiled.fonts.missingGlyphs(value.replaceAll('\n', ''), 'sans-regular')
      if (missing.length > 0) faults.push(fault(pointer, 'GLYPH_MISSING', missing.map(nameCharacter).join('、')))
    } else if (Array.isArray(value)) {
      for (const [i, row] of value.entries()) {
        for (const [name, cell] of Object.entries(row)) check(cell as FieldValue, step(step(pointer, i), name))
      }
    }
  }
  for (const [name, value] of Object.entries(fields)) check(value, step('', name))
  return faults
}

function nameCharacter(character: string): string {
  return `${character}（U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}）`
}

/** Sets the pages into nothing and gathers what does not fit. */
function tryPages(compiled: CompiledTemplate, fields: Record<string, FieldValue>, dates: LicenceDates): Fault[] {
  const { definition, press } = compiled
  const number = formatLicenceNumber(definition, { areaCode: '000000', issuedOn: dates.issuedOn, sequence: 0 })
  const values = { fields, number, identifier: '', issuer: { name: '', code: '' }, ...dates }
  const errors: TemplateError[] = []
  press.writer.position = 0
  layOut(compiled, values, '', errors, () => () => {})
  const found = new Map<string, Fault>()
  for (const error of errors) {
    const pointer = error.where?.startsWith('/') === true ? error.where : ''
    const code = error.code === 'GLYPH_MISSING' ? 'GLYPH_MISSING' : 'TEXT_DOES_NOT_FIT'
    found.set(`${pointer} ${code}`, fault(pointer, code, error.subject ?? ''))
  }
  return [...found.values()]
}

/** The first holder's name goes with the first code, and so on. */
function findHolders(definition: LicenceDefinition, fields: Record<string, FieldValue>): LicenceHolder[] {
  const withRole = (role: FieldRole) => definition.fields.filter((field) => field.role === role)
  const codes = withRole('holder-code')
  return withRole('holder-name').flatMap((field, i) => {
    const name = fields[field.name]
    const code = codes[i]
    if (typeof name !== 'string' || code === undefined) return []
    return [{ name, code: String(fields[code.name] ?? ''), codeType: codeTypeOf(code) }]
  })
}

/** Codes of GB/T 36903 annex A. */
function codeTypeOf(field: FieldDefinition): string {
  if (field.type === 'credit-code') return creditCodeType
  return field.type === 'identity-number' ? identityNumberType : otherPersonType
}
