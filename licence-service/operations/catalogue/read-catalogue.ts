import { describeTemplate } from '../../../templates/index.ts'
import type { CatalogueEntry, Category, HolderKind, SharingClass, TypeState } from '../../domain/type-entry.ts'
import { LicenceError } from '../../errors.ts'
import { listAssignments } from '../../store/type-assignments.ts'
import { listOpenTypes, type TypeRow, versionsOfType } from '../../store/types.ts'
import type { Deps } from '../deps.ts'
import { type CatalogueElements, elementsOf } from './elements.ts'

type Words = { readonly zh: string; readonly en: string }

export interface CatalogueType {
  readonly typeCode: string
  readonly version: number
  readonly name: Words
  readonly category: Category
  readonly sharing: SharingClass
  /** Whether licences of it can be issued: a template is published. */
  readonly hasTemplate: boolean
  readonly elements: CatalogueElements
  readonly issuers: readonly { readonly code: string; readonly name: Words }[]
}

export interface CatalogueQuery {
  /** Part of a name or code, of the type, its authority or its items. */
  readonly q?: string | undefined
  /** Code of the defining authority. */
  readonly authority?: string | undefined
  readonly holder?: HolderKind | undefined
  readonly category?: Category | undefined
  readonly sharing?: SharingClass | undefined
}

/** Published licence types that fit, with the departments that may issue them. */
export async function listTypes(deps: Deps, query: CatalogueQuery = {}): Promise<CatalogueType[]> {
  const [assignments, departments] = await Promise.all([listAssignments(deps.database), deps.facts.departments()])
  return deps.templates
    .list()
    .filter((entry) => fits(entry, query))
    .map((entry) => {
      const issuing = new Set(
        assignments.filter((one) => one.typeCode === entry.typeCode && !one.endedAt).map((one) => one.departmentCode),
      )
      return {
        typeCode: entry.typeCode,
        version: entry.version,
        name: entry.name,
        category: entry.category,
        sharing: entry.sharing.class,
        hasTemplate: deps.templates.current(entry.typeCode) !== undefined,
        elements: elementsOf(entry.typeCode, entry),
        issuers: departments.filter(({ code }) => issuing.has(code)).map(({ code, name }) => ({ code, name })),
      }
    })
}

function fits(entry: CatalogueEntry, { q, authority, holder, category, sharing }: CatalogueQuery): boolean {
  if (authority !== undefined && entry.definedBy.code !== authority) return false
  if (holder !== undefined && !entry.holders.includes(holder)) return false
  if (category !== undefined && entry.category !== category) return false
  if (sharing !== undefined && entry.sharing.class !== sharing) return false
  if (q === undefined) return true
  const wanted = q.normalize('NFKC').toLowerCase()
  const { name, definedBy, items, issuingAuthority, typeCode } = entry
  const texts = [name, definedBy.name].flatMap(({ zh, en }) => [zh, en])
  const all = [typeCode, issuingAuthority, ...texts, ...items.flatMap((item) => [item.code, item.name])]
  return all.some((text) => text.toLowerCase().includes(wanted))
}

/**
 * What a form is made from: a type's definition without its layout, with the data of a made-up holder; and its catalogue entry.
 * A type without a template has no fields yet.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN
 */
export function describeType(deps: Deps, typeCode: string) {
  const entry = deps.templates.entry(typeCode)
  if (!entry) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  const template = deps.templates.current(typeCode)
  const described = template
    ? describeTemplate(template.definition)
    : { typeCode, templateVersion: 0, name: entry.name, groups: [], fields: [], example: {} }
  return { ...described, entry, elements: elementsOf(typeCode, entry) }
}

/** Every version of a type, newest first. @throws LicenceError LICENCE_TYPE_UNKNOWN */
export async function readTypeVersions(deps: Deps, typeCode: string): Promise<TypeRow[]> {
  const versions = await versionsOfType(deps.database, typeCode)
  if (versions.length === 0) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  return versions
}

/** What is being written and reviewed. */
export const readDrafts = (deps: Deps): Promise<TypeRow[]> => listOpenTypes(deps.database)

/** How many types there are, by what the catalogue says of them. */
export async function catalogueStatistics(deps: Deps) {
  const entries = deps.templates.list()
  const [open, assignments] = await Promise.all([listOpenTypes(deps.database), listAssignments(deps.database)])
  const count = (keys: readonly string[]) =>
    Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length]))
  const issued = new Set(assignments.filter(({ endedAt }) => !endedAt).map(({ typeCode }) => typeCode))
  const states: TypeState[] = [...entries.map(({ state }) => state), ...open.map(({ state }) => state)]
  return {
    types: entries.length,
    byState: count(states),
    byCategory: count(entries.map(({ category }) => category)),
    bySharing: count(entries.map(({ sharing }) => sharing.class)),
    byHolder: count(entries.flatMap(({ holders }) => holders)),
    byLevel: count(entries.map(({ definedBy }) => definedBy.level)),
    withoutTemplate: entries.filter(({ typeCode }) => !deps.templates.current(typeCode)).length,
    withoutIssuer: entries.filter(({ typeCode }) => !issued.has(typeCode)).length,
  }
}
