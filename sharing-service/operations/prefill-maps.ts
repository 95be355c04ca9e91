import type { Fault, Principal } from '../../platform/index.ts'
import { SharingError } from '../errors.ts'
import { findPrefillMap, insertPrefillMap, type PrefillField, type PrefillMap } from '../store/prefill-maps.ts'
import type { Deps } from './deps.ts'

const ATTEMPTS = 5

/** Adds a version of a form's map; the same map again adds none. Throws PREFILL_MAP_INVALID with all faults. */
export async function savePrefillMap(
  deps: Deps,
  caller: Pick<Principal, 'id' | 'departmentCode'>,
  { formCode, fields }: { readonly formCode: string; readonly fields: readonly PrefillField[] },
): Promise<PrefillMap> {
  const faults = faultsOf(deps, fields)
  if (faults.length > 0)
    throw new SharingError('PREFILL_MAP_INVALID', `${faults.length} fault(s) in the map`, { faults })
  const { departmentCode } = caller
  for (let attempt = 1; ; attempt++) {
    const last = await findPrefillMap(deps.database, departmentCode, formCode)
    if (last && JSON.stringify(ordered(last.fields)) === JSON.stringify(ordered(fields))) return last
    const map: PrefillMap = {
      ...{ departmentCode, formCode, fields },
      version: (last?.version ?? 0) + 1,
      madeBy: caller.id,
      madeAt: deps.clock.now(),
    }
    if (await insertPrefillMap(deps.database, map)) return map
    if (attempt === ATTEMPTS)
      throw new SharingError(
        'PREFILL_MAP_INVALID',
        'others change this map at the same time: look at it and send yours again',
      )
  }
}

const ordered = (fields: readonly PrefillField[]): PrefillField[] =>
  fields.map(({ formField, typeCode, field }) => ({ formField, typeCode, field }))

function faultsOf({ register }: Deps, fields: readonly PrefillField[]): Fault[] {
  const seen = new Set<string>()
  return fields.flatMap(({ formField, typeCode, field }, index): Fault[] => {
    const at = `/fields/${index}`
    const type = register.type(typeCode)
    const isTwice = seen.has(formField)
    seen.add(formField)
    if (isTwice)
      return [{ pointer: `${at}/formField`, code: 'TWICE', detail: 'a field of the form is filled from one place' }]
    if (!type)
      return [{ pointer: `${at}/typeCode`, code: 'TYPE_UNKNOWN', detail: 'there is no licence type with this code' }]
    return type.fields.some(({ name }) => name === field)
      ? []
      : [{ pointer: `${at}/field`, code: 'FIELD_UNKNOWN', detail: 'the type has no such field' }]
  })
}
