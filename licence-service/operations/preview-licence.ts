import type { Principal } from '../../platform/index.ts'
import { renderPreview } from '../../templates/index.ts'
import { LicenceError } from '../errors.ts'
import type { Deps } from './deps.ts'
import { validatedData } from './entered-data.ts'

/**
 * The page a licence would have, marked as a specimen, without QR, number or seal. Nothing is recorded.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, LICENCE_DATA_INVALID
 */
export async function previewLicence(
  deps: Deps,
  caller: Principal,
  request: { readonly typeCode: string; readonly data: unknown },
): Promise<Uint8Array> {
  const template = deps.templates.current(request.typeCode)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  const department = (await deps.facts.departments()).find(({ code }) => code === caller.departmentCode)
  const issuer = { code: caller.departmentCode, name: department?.name.zh ?? '' }
  const { holders: _holders, pictures, ...values } = validatedData(deps, template, request.data)
  const data = { ...values, number: '', identifier: '', issuer }
  return renderPreview(template.compiled, { data, pictures, createdAt: deps.clock.now() }).pdf
}
