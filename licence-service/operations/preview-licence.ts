import type { Principal } from '../../platform/index.ts'
import { renderPreview } from '../../templates/index.ts'
import type { BodyRequest } from '../domain/body.ts'
import { LicenceError } from '../errors.ts'
import { dressPreview } from './bodies/dress-body.ts'
import { settleBody } from './bodies/settle-body.ts'
import type { Deps } from './deps.ts'
import { validatedData } from './entered-data.ts'

/**
 * The page a licence would have, marked as a specimen, without QR, number or seal; of an uploaded document itself, with frames where they
 * will stand. Nothing is recorded.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, LICENCE_DATA_INVALID, and those of `settleBody`
 */
export async function previewLicence(
  deps: Deps,
  caller: Principal,
  request: {
    readonly typeCode: string
    readonly data: unknown
    readonly body?: BodyRequest | undefined
    readonly showTaken?: boolean | undefined
  },
): Promise<Uint8Array> {
  const template = deps.templates.current(request.typeCode)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  const department = (await deps.facts.departments()).find(({ code }) => code === caller.departmentCode)
  const issuer = { code: caller.departmentCode, name: department?.name.zh ?? '' }
  const { holders: _holders, pictures, ...values } = validatedData(deps, template, request.data)
  const covering = request.showTaken === true ? 'show' : 'refuse'
  const settled = await settleBody(deps, caller, template, request.body, { covering })
  if (settled) return dressPreview(deps.fonts, settled.pdf, settled.body, deps.clock.now(), covering)
  const data = { ...values, number: '', identifier: '', issuer }
  return renderPreview(template.compiled, { data, pictures, createdAt: deps.clock.now() }).pdf
}
