import { describeTemplate } from '../../templates/index.ts'
import { LicenceError } from '../errors.ts'
import { listAssignments } from '../store/type-assignments.ts'
import type { Deps } from './deps.ts'

export interface CatalogueType {
  readonly typeCode: string
  readonly name: { readonly zh: string; readonly en: string }
  readonly issuers: readonly { readonly code: string; readonly name: { readonly zh: string; readonly en: string } }[]
}

/** Every licence type with the departments that may issue it. */
export async function listTypes(deps: Deps): Promise<CatalogueType[]> {
  const [assignments, departments] = await Promise.all([listAssignments(deps.database), deps.facts.departments()])
  return deps.templates.list().map(({ typeCode, name }) => {
    const issuing = new Set(
      assignments.filter((one) => one.typeCode === typeCode && !one.endedAt).map((one) => one.departmentCode),
    )
    return {
      typeCode,
      name,
      issuers: departments.filter(({ code }) => issuing.has(code)).map(({ code, name }) => ({ code, name })),
    }
  })
}

/**
 * What a form is made from: a type's definition without its layout, with the data of a made-up holder.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN
 */
export function describeType(deps: Deps, typeCode: string): ReturnType<typeof describeTemplate> {
  const template = deps.templates.current(typeCode)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  return describeTemplate(template.definition)
}
