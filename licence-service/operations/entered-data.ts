import { dayOf } from '../../licence-format/index.ts'
import { type ValidatedData, validateLicenceData } from '../../templates/index.ts'
import { LicenceError } from '../errors.ts'
import type { Deps, Template } from './deps.ts'

/**
 * What a person entered, checked against the type's definition and set on its pages as a trial: what cannot be printed is refused
 * before a number is allotted. What takes the place of another licence since an earlier instant is valid from that day on.
 * @throws LicenceError LICENCE_DATA_INVALID with every fault, pointers from the request's body on
 */
export function validatedData(deps: Deps, template: Template, data: unknown, since?: Date): ValidatedData {
  const from = since && dayOf(since)
  const result = validateLicenceData(template.compiled, data, { today: dayOf(deps.clock.now()), from })
  if (result.ok) return result.value
  const faults = result.faults.map(({ pointer, code, detail }) => ({ pointer: `/data${pointer}`, code, detail }))
  throw new LicenceError('LICENCE_DATA_INVALID', `${faults.length} fault(s) in the data`, { faults })
}
