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

const NUMBER = {
  name: NUMBER_FIELD,
  label: { zh: '证照编号', en: 'Number' },
  type: 'text',
  disclosure: 'public',
  role: undefined,
} as const

/**
 * The type as the catalogue shares it, with the fields of the template that is published now; undefined for none. Licences of a retired
 * type are shared on, by the names of the fields that its entry lets go. What the template hides is never shared, whatever the entry says.
 */
export function sharedType({ templates }: Pick<Deps, 'templates'>, typeCode: string): SharedType | undefined {
  const entry = templates.entry(typeCode)
  if (!entry) return undefined
  const { name, category, sharing, statusWords } = entry
  const nameless = (field: string) =>
    ({ name: field, label: { zh: field, en: field }, type: 'text', disclosure: 'public', role: undefined }) as const
  const drawn = templates.current(typeCode)?.definition.fields ?? sharing.fields.map(nameless)
  const shared = new Set([NUMBER_FIELD, ...sharing.fields])
  return {
    ...{ typeCode, name, category, statusWords },
    sharing: sharing.class,
    legalBasis: sharing.legalBasis ?? null,
    fields: [NUMBER, ...drawn].map(({ name: field, label, type, disclosure, role }) => ({
      name: field,
      label,
      valueType: type,
      isShareable: shared.has(field) && disclosure !== 'hidden',
      isHolderCode: role === 'holder-code',
    })),
  }
}

/** Of the fields those that the template which a licence was made with does not hide, whatever a later version says of them. */
export async function withoutHidden(
  { templates }: Pick<Deps, 'templates'>,
  { typeCode, templateVersion }: Readonly<{ typeCode: string; templateVersion: number }>,
  fields: readonly string[],
): Promise<string[]> {
  if (!templates.version(typeCode, templateVersion)) await templates.refresh()
  const drawn = templates.version(typeCode, templateVersion)?.definition.fields ?? []
  const hidden = new Set(drawn.filter(({ disclosure }) => disclosure === 'hidden').map(({ name }) => name))
  return fields.filter((name) => !hidden.has(name))
}

/** Departments that issue a type now. */
export async function issuersOf({ database }: Pick<Deps, 'database'>, typeCode: string): Promise<string[]> {
  const assignments = await listAssignments(database)
  return assignments.filter((one) => one.typeCode === typeCode && !one.endedAt).map((one) => one.departmentCode)
}
