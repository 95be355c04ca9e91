import type { FieldDefinition } from '../../../templates/index.ts'
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
  /** Whether it says by which code a holder is known. */
  readonly isHolderCode: boolean
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

const NUMBER = { name: NUMBER_FIELD, label: { zh: '证照编号', en: 'Number' }, type: 'text', role: undefined } as const

/**
 * The type as the catalogue shares it, with the fields of the template that is published now; undefined for none. Licences of a retired
 * type are shared on, by the names of the fields that its entry lets go.
 */
export function sharedType({ templates }: Pick<Deps, 'templates'>, typeCode: string): SharedType | undefined {
  const entry = templates.entry(typeCode)
  if (!entry) return undefined
  const { name, category, sharing, statusWords } = entry
  const nameless = (field: string) =>
    ({ name: field, label: { zh: field, en: field }, type: 'text', role: undefined }) as const
  const drawn = templates.current(typeCode)?.definition.fields ?? sharing.fields.map(nameless)
  const isShareable = (field: string) => field === NUMBER_FIELD || sharing.fields.includes(field)
  return {
    ...{ typeCode, name, category, statusWords },
    sharing: sharing.class,
    legalBasis: sharing.legalBasis ?? null,
    fields: [NUMBER, ...drawn].map(({ name: field, label, type, role }) => ({
      name: field,
      label,
      valueType: type,
      isShareable: isShareable(field),
      isHolderCode: role === 'holder-code',
    })),
  }
}

/** Departments that issue a type now. */
export async function issuersOf({ database }: Pick<Deps, 'database'>, typeCode: string): Promise<string[]> {
  const assignments = await listAssignments(database)
  return assignments.filter((one) => one.typeCode === typeCode && !one.endedAt).map((one) => one.departmentCode)
}
