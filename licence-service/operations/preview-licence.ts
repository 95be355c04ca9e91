import { dayOf } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import { renderPreview, validateLicenceData } from '../../templates/index.ts'
import { LicenceError } from '../errors.ts'
import type { Deps } from './deps.ts'

/**
 * The page a licence would have, marked as a specimen, without QR, number or seal. Nothing is recorded.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, LICENCE_DATA_INVALID
 */
export async function previewLicence(
  deps: Deps,
  caller: Principal,
  request: { typeCode: string; data: unknown },
): Promise<Uint8Array> {
  const template = deps.template(request.typeCode)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  const now = deps.clock.now()
  const result = validateLicenceData(template.definition, request.data, { today: dayOf(now) })
  if (!result.ok) {
    const faults = result.faults.map((fault) => ({ ...fault, pointer: `/data${fault.pointer}` }))
    throw new LicenceError('LICENCE_DATA_INVALID', `${faults.length} fault(s) in the data`, { faults })
  }
  const issuer = (await deps.facts.departments()).find(({ code }) => code === caller.departmentCode)
  return renderPreview(template.compiled, {
    validated: result.value,
    issuer: { code: caller.departmentCode, name: issuer?.name.zh ?? '' },
    createdAt: now,
  }).pdf
}
