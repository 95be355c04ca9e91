import type { FieldValue, LicenceData } from '../../licence-format/index.ts'
import type { FieldDefinition } from '../../templates/index.ts'
import type { DepartmentStatus } from '../domain/validity.ts'
import type { Deps } from './deps.ts'

type Words = { readonly zh: string; readonly en: string }

/** A licence as its holder reads it: each field under the label of its form; pictures are in the document. */
export interface LabelledLicence {
  readonly identifier: string
  readonly typeName: Words
  readonly number: string
  readonly status: DepartmentStatus
  readonly validFrom: string
  readonly validUntil: string | null
  readonly fields: readonly { readonly name: string; readonly label: Words; readonly value: FieldValue | Words }[]
}

export function labelledLicence(deps: Deps, data: LicenceData, status: DepartmentStatus): LabelledLicence {
  const { identifier, number, validFrom, validUntil } = data
  const definition = deps.templates.version(data.typeCode, data.templateVersion)?.definition
  const fields = (definition?.fields ?? [])
    .filter(({ name, type }) => type !== 'picture' && data.fields[name] !== undefined && data.fields[name] !== null)
    .map((field) => ({ name: field.name, label: field.label, value: readable(field, data.fields[field.name]!) }))
  const typeName = definition?.name ?? { zh: data.typeName, en: data.typeName }
  return { identifier, typeName, number, status, validFrom, validUntil, fields }
}

/** Canonical JSON sorts the cells of a row by name; a person reads them in the order of the columns. */
function readable({ choices, unit, columns }: FieldDefinition, value: FieldValue): FieldValue | Words {
  const choice = choices?.find((one) => one.value === value)
  if (choice) return choice.label
  if (Array.isArray(value) && columns) {
    return value.map((row) => Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? ''])))
  }
  return unit && typeof value !== 'object' ? { zh: `${value} ${unit.zh}`, en: `${value} ${unit.en}` } : value
}
