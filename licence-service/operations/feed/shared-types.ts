import type { FieldDefinition, LicenceDefinition } from '../../../templates/index.ts'
import type { Category, SharingClass } from '../../domain/type-entry.ts'
import { listAssignments } from '../../store/type-assignments.ts'
import type { Deps } from '../deps.ts'

/** The printed number stands beside the fields; no definition has a field of this name. */
export const NUMBER_FIELD = '@number'

export interface SharedField {
  readonly name: string
  readonly label: { readonly zh: string; readonly en: string }
  readonly valueType: FieldDefinition['type']
  /** Whether the catalogue lets it leave its department at all. */
  readonly isShareable: boolean
}

/** A licence type as other departments may use it. */
export interface SharedType {
  readonly typeCode: string
  readonly name: { readonly zh: string; readonly en: string }
  readonly category: Category
  readonly sharing: SharingClass
  readonly legalBasis: string | null
  readonly fields: readonly SharedField[]
  /** The type's own codes and words for states, where it has some. */
  readonly statusWords: Readonly<Record<string, { readonly code: string; readonly zh: string }>>
}

/** A type on which the catalogue is silent is shared by agreement alone, and only what anyone may see on a check. */
const SILENT = { category: 'licence', class: 'conditional', legalBasis: null } as const

/** The type as the catalogue has it, with the fields of the definition its licences are made with now; undefined for none. */
export function sharedType(deps: Deps, typeCode: string): SharedType | undefined {
  const definition = deps.templates.current(typeCode)?.definition
  return definition && toSharedType(definition)
}

function toSharedType({ typeCode, name, fields }: LicenceDefinition): SharedType {
  const number = {
    name: NUMBER_FIELD,
    label: { zh: '证照编号', en: 'Number' },
    type: 'text',
    disclosure: 'public',
  } as const
  return {
    typeCode,
    name,
    category: SILENT.category,
    sharing: SILENT.class,
    legalBasis: SILENT.legalBasis,
    fields: [number, ...fields].map(({ name: field, label, type, disclosure }) => ({
      name: field,
      label,
      valueType: type,
      isShareable: disclosure === 'public',
    })),
    statusWords: {},
  }
}

/** Departments that issue a type now. */
export async function issuersOf({ database }: Pick<Deps, 'database'>, typeCode: string): Promise<string[]> {
  const assignments = await listAssignments(database)
  return assignments.filter((one) => one.typeCode === typeCode && !one.endedAt).map((one) => one.departmentCode)
}
